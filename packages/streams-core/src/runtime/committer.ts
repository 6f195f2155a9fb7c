import type { Advance, Effects } from '../ports.js'
import { errorNumber } from '../core/errorClass.js'
import { isInfrastructure } from '../core/infrastructure.js'
import { RefusedCommit } from '../core/refusedCommit.js'
import { lostClaim, stoppedBy } from './faults.js'
import { makeCertain } from './makeCertain.js'
import { oneAtATime } from './oneAtATime.js'
import { type Patient, patiently } from './patience.js'
import { type Counts, type Progress, type Unresolved, noCounts } from './progress.js'
import { type Worker, observe } from './worker.js'

/** Saves positions, with effects in the same transaction or without; one at a time, and through every fault that may pass. */
export interface Committer {
  /** @throws {StreamError} FENCED, POSITION_MOVED */
  save(advance: Advance, counts?: Counts): Promise<void>
  /**
   * False when two write conflicts in a row made it give up (only with `mayGiveUp`): then nothing was done. Rejects with what `effects` threw.
   * @throws {StreamError} FENCED, POSITION_MOVED
   */
  together(advance: Advance, counts: Counts, effects: Effects, mayGiveUp: boolean): Promise<boolean>
  /**
   * Commits `effects` as the owner, without moving the position. When an answer is lost they are done again, so they must be safe to repeat.
   * @throws {StreamError} FENCED, POSITION_MOVED
   */
  beside(effects: Effects): Promise<void>
  /** Does `work` while nothing is being committed. */
  alone<T>(work: () => Promise<T>): Promise<T>
}

// Nothing of a user is in a save: what the server says against it is no fault of a change, and may pass. A fault of ours would be repeated for ever.
const isRefusal = (error: unknown) => errorNumber(error) !== null

type Committing = Patient & Pick<Worker, 'observer' | 'store' | 'tracer'>

export function committer(worker: Committing, progress: Progress): Committer {
  const { stream, store, passing, observer, clock, tracer } = worker
  // A save and a transaction beside it would take each other's claim: one is in flight at a time (rule 11).
  const alone = oneAtATime()
  const saved = (began: number) =>
    observe(observer, (to) =>
      to.committed?.({ stream: stream.name, position: progress.position, durationMs: clock.now() - began }),
    )

  // Effects had no part in it: a majority that is late (50) while a former commit is made certain, taken for their fault, would do them twice.
  const isStillUnknown = (error: unknown) => progress.unresolved !== null && isRefusal(error)

  /** It stops the stream, and is no fault of what was to be done. */
  function unsettled(error: unknown): never {
    throw progress.unresolved === null ? error : stoppedBy(error, stream.name)
  }

  /** One transaction; false when it gave up, and nothing was done. What it leaves unresolved must be made certain before anything else. */
  async function tried(own: Unresolved, effects: Effects, mayGiveUp: boolean): Promise<boolean> {
    const moves = own.advance.position.token !== progress.position.token
    progress.begins(own)
    try {
      const outcome = await store.commitWith(progress.claim, own.advance, effects, mayGiveUp)
      if (outcome.kind === 'committed') {
        progress.committed(outcome.claim, own.advance)
        return true
      }
      progress.notLanded(progress.claim)
      if (outcome.kind === 'contended') return false
      throw lostClaim(outcome, stream.name)
    } catch (error) {
      if (error instanceof RefusedCommit) {
        // Taken for rolled back, it would hold up what is written next, or have landed, and its changes be blamed.
        if ((await makeCertain(worker, progress)) && moves) return true
        throw error.cause
      }
      // What the server refuses before the commit it also ends: only silence leaves a transaction open.
      if (!isInfrastructure(error)) progress.notLanded(progress.claim)
      throw error
    }
  }

  async function certainlySaved(own: Unresolved): Promise<void> {
    if (progress.unresolved !== own) {
      // What another call gave up may have landed, and raised rev: this one would be taken for somebody else's move.
      await makeCertain(worker, progress)
      progress.begins(own)
    }
    // Repeating it is safe: the store recognises its own write.
    await makeCertain(worker, progress)
  }

  return {
    alone,

    save: (advance, counts = noCounts) =>
      alone(async () => {
        passing('checkpoint.saving')
        const began = clock.now()
        const own: Unresolved = { advance, withEffects: false, counts }
        const sure = () => patiently(worker, 'saving the checkpoint again', () => certainlySaved(own), isRefusal).catch(unsettled)
        await (tracer === null ? sure() : tracer.saving(sure))
        passing('checkpoint.saved')
        saved(began)
      }),

    together: (advance, counts, effects, mayGiveUp) =>
      alone(async () => {
        const began = clock.now()
        const own: Unresolved = { advance, withEffects: true, counts }
        const work = async () => {
          // A commit whose answer was lost may have landed, and until this is known it may still land.
          const { unresolved } = progress
          // What another call gave up is none of ours, wherever it came to: our effects would be lost.
          if (unresolved !== null && (await makeCertain(worker, progress)) && unresolved === own) return true
          return await tried(own, effects, mayGiveUp)
        }
        const done = await patiently(worker, 'committing again', work, isStillUnknown).catch(unsettled)
        if (done) saved(began)
        return done
      }),

    beside: (effects) =>
      alone(async () => {
        const work = async () => {
          // At an unmoved position nobody can tell our transaction from the raise that made its fate certain: it is simply done again.
          await makeCertain(worker, progress)
          const own = { advance: progress.heartbeat(progress.position), withEffects: true, counts: noCounts }
          if (!(await tried(own, effects, false))) throw new Error('a transaction that must not give up did')
        }
        await patiently(worker, 'writing beside the checkpoint again', work, isStillUnknown).catch(unsettled)
      }),
  }
}
