import { classify, fateOf } from '../core/errorClass.js'
import { isInfrastructure } from '../core/infrastructure.js'
import type { Advance, CheckpointStore, CommitOutcome, Delivered } from '../ports.js'
import { refusedByGuard } from '../core/refusedByGuard.js'
import { isStreamError } from '../streamError.js'
import type { Skip } from '../stream.js'
import type { Write } from '../write.js'
import { attempts } from './attempts.js'
import { changeContext } from './changeContext.js'
import { handlerFailed, lostClaim } from './faults.js'
import type { Progress } from './progress.js'
import { checkedWrites, delivering, isRepeatSafe } from './projection.js'
import { type Worker, observe } from './worker.js'

// After two write conflicts in a row the guards carry a contended target for this long, before a transaction is tried again.
const guardedForMs = 10_000
const commitRetry = { attempts: 8, minDelayMs: 50, maxDelayMs: 5_000 }

/** What settling needs of a worker; a replay gives a store whose commits save nothing. */
export type Settling = Pick<Worker, 'stream' | 'targets' | 'clock' | 'observer' | 'passing' | 'signal' | 'log'> & {
  readonly store: Pick<CheckpointStore, 'commit' | 'commitWith'>
}

/** Settles one change after the other: handler or projection, then (or together with it) the checkpoint. */
export function settler(worker: Settling, progress: Progress): (delivered: Delivered) => Promise<void> {
  const { stream, store, targets, clock, observer, passing, signal } = worker
  let guardedUntil = 0

  return async function settle(delivered) {
    const { token } = delivered.position
    const began = clock.now()
    const outcome = progress.isReplay(token) && stream.onReplay === 'skip' ? await skipped(delivered) : await handled(delivered)
    progress[outcome] += 1
    observe(observer, (to) => to.settled?.({ stream: stream.name, token, outcome, durationMs: clock.now() - began }))
    observe(observer, (to) => to.committed?.({ stream: stream.name, position: delivered.position }))
  }

  async function skipped(delivered: Delivered): Promise<'skipped'> {
    await commit(progress.settling(delivered))
    return 'skipped'
  }

  async function handled(delivered: Delivered): Promise<'handled' | 'skipped'> {
    let made = 0
    const once = async (attempt: number): Promise<Skip | void> => {
      made = attempt
      const { work } = stream
      const context = contextOf(delivered, attempt)
      passing('handler.begun')
      if (work.kind === 'handle') {
        const result = await work.run(delivered.change, context)
        passing('handler.done')
        return result
      }
      const returned = work.run(delivered.change, context) ?? []
      passing('handler.done')
      if ('skipped' in returned) return returned
      await project(delivered, checkedWrites(stream, returned))
    }
    let result: Skip | void
    try {
      result = await attempts(once, {
        retry: stream.retry,
        signal,
        onFailed: retrying,
        isFinal: (error) => isStreamError(error) || refusedToEngine(error),
      })
    } catch (error) {
      const stopped = signal.aborted && error === signal.reason
      if (
        stopped ||
        isInfrastructure(error) ||
        refusedToEngine(error) ||
        isStreamError(error, 'FENCED') ||
        isStreamError(error, 'POSITION_MOVED')
      )
        throw error
      throw handlerFailed(error, stream.name, delivered.position, made)
    }
    const isSkip = result !== undefined && result !== null && 'skipped' in result
    // A projection has committed its checkpoint with its writes.
    if (isSkip || stream.work.kind === 'handle') await commit(progress.settling(delivered))
    return isSkip ? 'skipped' : 'handled'
  }

  async function project(delivered: Delivered, writes: readonly Write[]): Promise<void> {
    const advance = progress.settling(delivered)
    if (writes.length === 0) return await commit(advance)
    const repeatSafe = isRepeatSafe(writes)
    const way = delivering(stream, writes, targets.besideCheckpoint)
    if (way === 'transaction' && !(repeatSafe && clock.now() < guardedUntil)) {
      const outcome = await together(advance, writes, repeatSafe).catch((error: unknown) => {
        if (refusedByGuard(error, writes) === 'alreadyDone') return { kind: 'alreadyDone' } as const
        throw error
      })
      // The ledger has the change: none of its writes may be done again, only its position is left to save.
      if (outcome.kind === 'alreadyDone') return await commit(advance)
      if (outcome.kind !== 'contended') return landed(outcome, advance)
      progress.notLanded(progress.claim)
      guardedUntil = clock.now() + guardedForMs
    }
    await targets.apply(writes, undefined)
    passing('bulk.effectsWritten')
    await commit(advance)
  }

  async function together(advance: Advance, writes: readonly Write[], repeatSafe: boolean) {
    progress.begins(advance, true)
    try {
      return await store.commitWith(progress.claim, advance, (session) => targets.apply(writes, session), repeatSafe)
    } catch (error) {
      // What the server refuses it also ends: only silence leaves a transaction open.
      if (!isInfrastructure(error)) progress.notLanded(progress.claim)
      throw error
    }
  }

  /** Repeats a commit whose answer was lost: the store recognises its own write, and the handler need not run again. */
  async function commit(advance: Advance): Promise<void> {
    // Not the run's signal: what was handled is saved also when the run is asked to stop meanwhile.
    const { signal: never } = new AbortController()
    passing('checkpoint.saving')
    progress.begins(advance, false)
    const isFinal = (error: unknown) => isStreamError(error) || classify(error).kind === 'fatal'
    landed(
      await attempts(() => store.commit(progress.claim, advance), {
        retry: commitRetry,
        signal: never,
        onFailed: retrying,
        isFinal,
      }),
      advance,
    )
    passing('checkpoint.saved')
  }

  function landed(outcome: CommitOutcome, advance: Advance): void {
    if (outcome.kind === 'committed') return progress.committed(outcome.claim, advance)
    progress.notLanded(progress.claim)
    throw lostClaim(outcome, stream.name)
  }

  function contextOf(delivered: Delivered, attempt: number) {
    const { token } = delivered.position
    const delivery = {
      epoch: progress.claim.epoch,
      attempt,
      replay: progress.isReplay(token),
      redelivered: progress.redelivered(token),
    }
    return changeContext(worker, delivered, delivery)
  }

  /** A projection's writes are the engine's own: that the user may not do them is no fault of the change. */
  function refusedToEngine(error: unknown): boolean {
    return stream.work.kind === 'project' && fateOf(error) === 'UNAUTHORISED'
  }

  function retrying(error: unknown, attempt: number): void {
    observe(observer, (to) => to.retrying?.({ stream: stream.name, attempt, error }))
  }
}
