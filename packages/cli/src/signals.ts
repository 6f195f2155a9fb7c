import { constants } from 'node:os'

export interface Interruption extends Disposable {
  /** Aborted by the first SIGINT or SIGTERM: finish the change in hand, save, exit 0. */
  readonly signal: AbortSignal
}

/**
 * Listens for SIGINT and SIGTERM until disposed. The second one ends the process at once with 128 + its number: what the
 * change in hand has written stays, its position is not saved.
 */
export function listenForSignals(onFirst: (name: NodeJS.Signals) => void): Interruption {
  const controller = new AbortController()
  const onSignal = (name: NodeJS.Signals) => {
    if (controller.signal.aborted) process.exit(128 + constants.signals[name])
    onFirst(name)
    controller.abort(new Error(name))
  }
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal)
  return {
    signal: controller.signal,
    [Symbol.dispose]() {
      process.off('SIGINT', onSignal).off('SIGTERM', onSignal)
    },
  }
}
