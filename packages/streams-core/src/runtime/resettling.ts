import { failureClass } from '../core/failureClass.js'
import { isDuplicateKey, refusedByGuard } from '../core/refusedByGuard.js'
import { reasonOf } from '../failedWrite.js'
import type { Delivered, Effects } from '../ports.js'
import { attempts } from './attempts.js'
import { bulkWriter } from './bulkWriter.js'
import type { Standing } from './changeContext.js'
import type { Committer } from './committer.js'
import { handlerFailed, isNoFaultOfAChange } from './faults.js'
import { handler, retrying } from './handler.js'
import type { HandingOut } from './leaseKeeper.js'
import { pieceOf } from './piece.js'
import type { Progress } from './progress.js'
import type { Worker } from './worker.js'

/** Removes a letter in a transaction; false when that was done before, so that nothing may be done with it again. */
export type Remove = (session: Parameters<Effects>[0]) => Promise<boolean>

/**
 * Hands one parked change over, as often as the stream says, and removes its letter: for a projection in one transaction with its writes, so that they
 * are done exactly once; for a handler right after it. Rejects with HANDLER_FAILED when the attempts are used up.
 */
export function resettling(
  worker: Worker,
  progress: Progress,
  committer: Pick<Committer, 'beside'>,
  keeper: HandingOut,
): (delivered: Delivered, remove: Remove) => Promise<void> {
  const { stream, signal, targets } = worker
  // It was never handled, however far the stream has come since: a handler that skips replays must get it.
  const standing: Standing = {
    get claim() {
      return progress.claim
    },
    highest: null,
    isReplay: () => false,
    redelivered: () => 'unknown',
  }
  if (stream.work.kind === 'handle') {
    const { hand } = handler(worker, standing)
    return async (delivered, remove) => {
      await hand(delivered)
      await committer.beside(async (session) => void (await remove(session)))
    }
  }

  const make = pieceOf(worker, standing)
  const writeBulk = bulkWriter(worker, keeper)
  return async (delivered, remove) => {
    let made = 1
    const tried = async (number: number) => {
      made = number
      const { writes, way } = make.first(delivered, number)
      const inTransaction = way === 'transaction'
      if (!inTransaction && writes.length > 0) await writeBulk(writes)
      try {
        await committer.beside(async (session) => {
          if ((await remove(session)) && inTransaction && writes.length > 0) await targets.apply(writes, session)
        })
      } catch (error) {
        if (refusedByGuard(reasonOf(error), writes) !== 'alreadyDone') throw error
        await committer.beside(async (session) => void (await remove(session)))
      }
    }
    try {
      await attempts(tried, {
        retry: { ...stream.retry, attempts: Math.max(2, stream.retry.attempts) },
        signal,
        onFailed: (error, number) => retrying(worker, delivered, error, number),
        isFinal: (error) =>
          failureClass(reasonOf(error), stream.classify) !== 'transient' ||
          (made >= stream.retry.attempts && !isDuplicateKey(reasonOf(error))),
      })
    } catch (error) {
      const reason = reasonOf(error)
      if (isNoFaultOfAChange(reason) || (signal.aborted && reason === signal.reason)) throw reason
      throw handlerFailed(reason, stream.name, delivered.position, made)
    }
  }
}
