import { backoffMs } from '../core/backoff.js'
import { classify } from '../core/errorClass.js'
import { isInfrastructure, isSilence } from '../core/infrastructure.js'
import { isStreamError } from '../streamError.js'
import type { Worker } from './worker.js'

// Who was asked to stop does not wait for an outage to end, but a moment longer than an election takes. An operator's pause is no stop: it would
// end a worker that goes on after the outage.
const triesAfterStop = 8
const pauseAfterStopMs = 500

export type Patient = Pick<Worker, 'stream' | 'clock' | 'random' | 'signal' | 'runSignal' | 'log' | 'passing'>

/**
 * Does `work` until it gives a result, through every fault of the server or the way to it; rejects with whatever else it throws.
 * `mayPass`: which of the others are worth waiting for too.
 */
export async function patiently<T>(
  { clock, random, signal, runSignal = signal, log, passing }: Patient,
  what: string,
  work: (failures: number) => Promise<T>,
  mayPass: (error: unknown) => boolean = () => false,
): Promise<T> {
  let inARow = 0
  for (let failures = 0, stopping = 0; ; failures += 1) {
    try {
      return await work(failures)
    } catch (error) {
      if (isStreamError(error) || classify(error).kind === 'fatal' || !(mayPass(error) || isInfrastructure(error))) throw error
      if (runSignal.aborted && (stopping += 1) === triesAfterStop) throw error
      passing('reopen.begun')
      // Who waited for a silent server has waited: with its next primary it goes on at once.
      inARow = isSilence(error) ? 0 : inARow + 1
      const delayMs = runSignal.aborted ? pauseAfterStopMs : backoffMs(inARow, random())
      log.warn({ err: error, delayMs }, what)
      await clock.sleep(delayMs, firstToCome([signal, runSignal])).catch(() => undefined)
    }
  }
}

const { signal: never } = new AbortController()

/** What may still cut a wait short: one that has aborted would make it none. */
const firstToCome = (signals: readonly AbortSignal[]) => signals.find(({ aborted }) => !aborted) ?? never
