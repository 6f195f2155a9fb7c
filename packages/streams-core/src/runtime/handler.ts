import { errorIdentity } from '../core/errorIdentity.js'
import { failureClass } from '../core/failureClass.js'
import { isInfrastructure } from '../core/infrastructure.js'
import type { Delivered } from '../ports.js'
import type { Skip, Stream } from '../stream.js'
import { isStreamError } from '../streamError.js'
import { withinLimit } from './attemptLimit.js'
import { attempts } from './attempts.js'
import { ChangeContext, type Standing } from './changeContext.js'
import { handlerFailed } from './faults.js'
import { type Patient, patiently } from './patience.js'
import { timing } from './timing.js'
import { type Worker, observe } from './worker.js'

export type Outcome = 'handled' | 'skipped' | 'parked' | 'held'
export type Handling = Patient & Pick<Worker, 'targets' | 'observer' | 'tracer'>
type HandleWork = Extract<Stream['work'], { kind: 'handle' }>

/**
 * Hands one change to the stream's handler, as often as the stream says. Rejects with HANDLER_FAILED when the attempts are used up; with
 * the signal's reason when the run is asked to stop between two of them.
 */
export function handler(worker: Handling, progress: Standing): (delivered: Delivered) => Promise<'handled' | 'skipped'> {
  const { stream, signal, passing, tracer } = worker
  const work = stream.work as HandleWork
  const attempted = timing(worker)

  async function once(delivered: Delivered, attempt: number): Promise<Skip | void> {
    passing('handler.begun')
    const began = attempted === null ? 0 : worker.clock.now()
    try {
      const result = await (tracer === null
        ? handed(delivered, attempt)
        : tracer.handling(delivered, attempt, () => handed(delivered, attempt)))
      passing('handler.done')
      return result
    } finally {
      attempted?.(began)
    }
  }

  function handed(delivered: Delivered, attempt: number): ReturnType<HandleWork['run']> {
    const { timeoutMs } = stream.retry
    if (timeoutMs === null) return work.run(delivered.change, new ChangeContext(worker, delivered, progress, attempt))
    return withinLimit(timeoutMs, worker.clock, signal, async (limited) =>
      work.run(delivered.change, new ChangeContext({ ...worker, signal: limited }, delivered, progress, attempt)),
    )
  }

  async function again(delivered: Delivered, first: unknown): Promise<Skip | void> {
    let made = 1
    const tried = (attempt: number) => {
      made = attempt
      return once(delivered, attempt)
    }
    try {
      // A fault of the server uses up no attempts for good: the change is not to blame.
      return await patiently(worker, 'handing the change over again', (failures) =>
        attempts(tried, {
          retry: stream.retry,
          signal,
          ...(failures === 0 && { first }),
          onFailed: (error, attempt) => retrying(worker, delivered, error, attempt),
          isFinal: (error) => failureClass(error, stream.classify) !== 'transient',
        }),
      )
    } catch (error) {
      const stopped = signal.aborted && error === signal.reason
      if (stopped || isInfrastructure(error) || isStreamError(error, 'FENCED') || isStreamError(error, 'POSITION_MOVED'))
        throw error
      throw handlerFailed(error, stream.name, delivered.position, made)
    }
  }

  return async function hand(delivered) {
    const late = signal.aborted
    let result: Skip | void
    try {
      // The first attempt without anything around it: nearly all need no other.
      result = await once(delivered, 1)
    } catch (error) {
      // A handler that gives up because its signal told it so has not failed.
      if (late) throw signal.reason
      result = await again(delivered, error)
    }
    return isSkip(result) ? 'skipped' : 'handled'
  }
}

export function isSkip(result: unknown): result is Skip {
  return typeof result === 'object' && result !== null && 'skipped' in result
}

/** An attempt has failed; of its error only what can be no personal data is logged. */
export function retrying(
  { observer, stream, log }: Pick<Worker, 'observer' | 'stream' | 'log'>,
  { position: { token } }: Delivered,
  error: unknown,
  attempt: number,
): void {
  const { name, code } = errorIdentity(error)
  log.warn({ token, attempt, error: name, code }, 'an attempt failed')
  observe(observer, (to) => to.retrying?.({ stream: stream.name, attempt, error }))
}
