import { gaveUp } from '../core/gaveUp.js'
import type { Delivered } from '../ports.js'
import { isStreamError } from '../streamError.js'
import type { GivingBack } from './givingBack.js'
import type { Handler, Outcome } from './handler.js'
import type { Settling } from './saver.js'
import type { Owner } from './worker.js'

export interface Surroundings {
  isStopping(): boolean
  /** Something waits: is it given back? */
  decide(): void
  /** What becomes of a change whose attempts are used up; rejects with `error` where it stops the stream. */
  failed(delivered: Delivered, error: unknown): Promise<Outcome>
}

/**
 * What becomes of a change whose first attempt threw `error`. A run that is asked to stop gives it back (null), unless something behind it is done: that would come again with it, so
 * then it is finished, in attempts with a signal that only the loss of the lease aborts. A handler that gives up because its signal told it so has not failed.
 */
export function furtherAttempts<T extends Settling>(
  { signal, cutOff }: Pick<Owner, 'signal' | 'cutOff'>,
  handing: Handler,
  giving: GivingBack<T>,
  { isStopping, decide, failed }: Surroundings,
): (entry: T, error: unknown) => Promise<Outcome | null> {
  return async (entry, error) => {
    const { delivered } = entry
    const back = new AbortController()
    const waits = (goOn = () => {}) => {
      giving.add(entry, { back: () => back.abort(new Error('given back')), goOn })
      decide()
    }
    const firmly = {
      signal: back.signal,
      firm: () => (isStopping() ? cutOff : undefined),
      waits,
      tries: () => giving.remove(entry),
    }
    // It gets one attempt more than others, once.
    let told = false
    const wasTold = (failure: unknown) => !told && isStopping() && gaveUp(failure, signal.reason)
    const untilDecided = () =>
      new Promise<void>((resolve) => {
        back.signal.addEventListener('abort', () => resolve(), { once: true })
        waits(resolve)
      })
    try {
      for (let failure = error; ;) {
        if (wasTold(failure)) {
          told = true
          await untilDecided()
          giving.remove(entry)
          if (back.signal.aborted) return null
          try {
            return handing.outcome(await handing.first(delivered, cutOff))
          } catch (reason) {
            failure = reason
          }
        }
        try {
          return await handing.again(delivered, failure, firmly)
        } catch (final) {
          if (back.signal.aborted && final === back.signal.reason) return null
          if (!isStreamError(final, 'HANDLER_FAILED') || !wasTold(final.cause)) return await failed(delivered, final)
          failure = final.cause
        }
      }
    } finally {
      giving.remove(entry)
    }
  }
}
