import { failureClass } from '../core/failureClass.js'
import { gaveUp } from '../core/gaveUp.js'
import { isInfrastructure } from '../core/infrastructure.js'
import { withError } from '../errorBehind.js'
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

/** Hands changes to the stream's handler. */
export interface Handler {
  /**
   * As often as the stream says. Rejects with HANDLER_FAILED when the attempts are used up; with the signal's reason when the run is asked to stop
   * between two of them.
   */
  hand(delivered: Delivered): Promise<'handled' | 'skipped'>
  /**
   * The first attempt, with nothing around it: nearly all changes need no other, and what each of them costs is what a stream costs. Throws, or
   * rejects, with what the handler throws; what it gives is for `outcome`. `firm`: see `Firmly`.
   */
  first(delivered: Delivered, firm?: AbortSignal): ReturnType<HandleWork['run']>
  outcome(result: Skip | void): 'handled' | 'skipped'
  /** What becomes of a change whose first attempt threw `error`; rejects as `hand`. */
  again(delivered: Delivered, error: unknown, firmly?: Firmly): Promise<'handled' | 'skipped'>
}

/** How a change is finished although its run is asked to stop. */
export interface Firmly {
  /** Ends the waiting between two attempts; without this it is the run's. */
  readonly signal: AbortSignal
  /** The signal of the next attempt, where it is not to be the run's, which may be aborted already. */
  firm(): AbortSignal | undefined
  /** It waits for its next attempt; that one begins. */
  waits(): void
  tries(): void
}

export function handler(worker: Handling, progress: Standing): Handler {
  const { stream, signal, passing, tracer } = worker
  const work = stream.work as HandleWork
  const attempted = timing(worker)
  const { timeoutMs } = stream.retry

  function run(delivered: Delivered, attempt: number, firm?: AbortSignal): ReturnType<HandleWork['run']> {
    passing('handler.begun')
    const around = firm === undefined ? worker : { ...worker, signal: firm }
    if (timeoutMs === null) return work.run(delivered.change, new ChangeContext(around, delivered, progress, attempt))
    return withinLimit(timeoutMs, worker.clock, around.signal, async (limited) =>
      work.run(delivered.change, new ChangeContext({ ...worker, signal: limited }, delivered, progress, attempt)),
    )
  }

  const traced: typeof run =
    tracer === null ? run : (delivered, attempt, firm) => tracer.handling(delivered, attempt, () => run(delivered, attempt, firm))

  async function timed(delivered: Delivered, attempt: number, firm?: AbortSignal): Promise<Skip | void> {
    const began = worker.clock.now()
    try {
      return await traced(delivered, attempt, firm)
    } finally {
      attempted!(began)
    }
  }

  const once = attempted === null ? traced : timed

  function outcome(result: Skip | void): 'handled' | 'skipped' {
    passing('handler.done')
    return isSkip(result) ? 'skipped' : 'handled'
  }

  const isFinal = (reason: unknown) => failureClass(reason, stream.classify) !== 'transient'

  /** What is given back while it waits for its server waits no longer. */
  const patient = (firmly?: Firmly): Patient =>
    firmly === undefined ? worker : { ...worker, signal: AbortSignal.any([signal, firmly.signal]) }

  async function again(delivered: Delivered, error: unknown, firmly?: Firmly): Promise<'handled' | 'skipped'> {
    let made = 1
    const tried = async (attempt: number) => {
      made = attempt
      firmly?.tries()
      return outcome(await once(delivered, attempt, firmly?.firm()))
    }
    // Asked to stop, a run waits for a server a moment longer than an election takes, not for a round of attempts each time.
    const isHopeless = (reason: unknown) => isInfrastructure(reason) && (worker.runSignal ?? signal).aborted
    try {
      // A fault of the server uses up no attempts for good: the change is not to blame.
      return await patiently(patient(firmly), 'handing the change over again', async (failures) => {
        // Given back while it waited for its server.
        firmly?.signal.throwIfAborted()
        return await attempts(tried, {
          retry: stream.retry,
          signal: firmly?.signal ?? signal,
          ...(failures === 0 && { first: error }),
          onFailed(reason, attempt) {
            retrying(worker, delivered, reason, attempt)
            if (isInfrastructure(reason) || (attempt < stream.retry.attempts && !isFinal(reason))) firmly?.waits()
          },
          isFinal: (reason) => isHopeless(reason) || isFinal(reason),
        })
      })
    } catch (reason) {
      if (firmly?.signal.aborted && reason === firmly.signal.reason) throw reason
      // Told to stop, it has not failed.
      if (firmly === undefined && signal.aborted && gaveUp(reason, signal.reason)) throw signal.reason
      if (isInfrastructure(reason) || isStreamError(reason, 'FENCED') || isStreamError(reason, 'POSITION_MOVED')) throw reason
      throw handlerFailed(reason, stream.name, delivered.position, made)
    }
  }

  const first = (delivered: Delivered, firm?: AbortSignal) => once(delivered, 1, firm)

  return {
    first,
    outcome,
    again,
    async hand(delivered) {
      try {
        return outcome(await first(delivered))
      } catch (error) {
        return await again(delivered, error)
      }
    },
  }
}

export function isSkip(result: unknown): result is Skip {
  return typeof result === 'object' && result !== null && 'skipped' in result
}

/** An attempt has failed. */
export function retrying(
  { observer, stream, log }: Pick<Worker, 'observer' | 'stream' | 'log'>,
  { position: { token } }: Delivered,
  error: unknown,
  attempt: number,
): void {
  log.warn(withError({ token, attempt }, error), 'an attempt failed')
  observe(observer, (to) => to.retrying?.({ stream: stream.name, attempt, error }))
}
