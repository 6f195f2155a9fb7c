import { lostClaim } from './faults.js'
import type { Progress } from './progress.js'
import type { Worker } from './worker.js'

/**
 * Makes certain what became of a commit whose answer was lost, before anything is read again and before the lease is released: it may have landed,
 * and until this is done it may still land. A change whose commit landed is not handed over again.
 * Resolves with whether it landed (true also when nothing was in doubt).
 * @throws {StreamError} FENCED, POSITION_MOVED; the driver's error while the server does not answer
 */
export async function makeCertain({ stream, store }: Pick<Worker, 'stream' | 'store'>, progress: Progress): Promise<boolean> {
  const { unresolved, claim, position } = progress
  if (unresolved === null) return true
  const { advance, withEffects } = unresolved
  // Effects outside of a transaction are done: only their checkpoint may be missing, and repeating it is enough.
  const outcome = withEffects ? await store.settleUnknown(claim, advance, position) : await store.commit(claim, advance)
  if (outcome.kind === 'not landed') {
    progress.notLanded(outcome.claim)
    return false
  }
  if (outcome.kind !== 'committed') {
    progress.notLanded(claim)
    throw lostClaim(outcome, stream.name)
  }
  progress.committed(outcome.claim, advance)
  return true
}
