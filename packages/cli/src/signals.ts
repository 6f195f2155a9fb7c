import { constants } from 'node:os'

export interface Interruption extends Disposable {
  /** Aborted by the first SIGINT or SIGTERM: finish the change in hand, save, exit 0. */
  readonly signal: AbortSignal
}

/** How long the change in hand may take after the first signal; then it is as if a second one came. */
export interface Drain {
  readonly timeoutMs: number
  onTimeout(): void
}

/**
 * Listens for SIGINT and SIGTERM until disposed. The second one ends the process at once with 128 + its number: what the
 * change in hand has written stays, its position is not saved.
 */
export function listenForSignals(onFirst: (name: NodeJS.Signals) => void, drain?: Drain): Interruption {
  const controller = new AbortController()
  let timer: ReturnType<typeof setTimeout> | undefined
  const onSignal = (name: NodeJS.Signals) => {
    if (controller.signal.aborted) process.exit(128 + constants.signals[name])
    onFirst(name)
    controller.abort(new Error(name))
    if (drain === undefined) return
    timer = setTimeout(() => {
      drain.onTimeout()
      process.exit(128 + constants.signals[name])
    }, drain.timeoutMs)
  }
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal)
  return {
    signal: controller.signal,
    [Symbol.dispose]() {
      clearTimeout(timer)
      process.off('SIGINT', onSignal).off('SIGTERM', onSignal)
    },
  }
}
