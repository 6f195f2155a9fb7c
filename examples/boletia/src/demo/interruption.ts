import { constants } from 'node:os'

/** Why a demo that was told to stop ended early. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted'
  /** What a shell reports for a program that this signal ended. */
  readonly exit: number

  constructor(signal: 'SIGINT' | 'SIGTERM' | 'SIGHUP') {
    super(signal)
    this.exit = 128 + constants.signals[signal]
  }
}

/**
 * Aborted by SIGINT, SIGTERM, SIGHUP (a closed terminal), and by a reader of the output that went away (`| head`): everything is
 * removed then. A second signal ends the process at once; what it leaves is removed by the keeper of its folder.
 */
export function interruption(): AbortSignal {
  const controller = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      const reason = new Interrupted(signal)
      if (controller.signal.aborted) process.exit(reason.exit)
      controller.abort(reason)
    })
  }
  for (const output of [process.stdout, process.stderr]) output.on('error', () => controller.abort(new Interrupted('SIGHUP')))
  return controller.signal
}
