import { isSilence } from '../core/infrastructure.js'
import type { Worker } from './worker.js'

const tries = 5

/**
 * Does something of a start that may be repeated, again when the server was silent for longer than expected: many streams that start at once
 * keep a process, or its server, busy for seconds. The watchdog waits longer each time. A server that was never there is told at once (`ready`).
 */
export async function throughSilence<T>({ log, signal }: Pick<Worker, 'log' | 'signal'>, work: () => Promise<T>): Promise<T> {
  for (let tried = 1; ; tried += 1) {
    try {
      return await work()
    } catch (error) {
      if (!isSilence(error) || signal.aborted || tried === tries) throw error
      log.warn({ err: error }, 'starting: asking the server again')
    }
  }
}
