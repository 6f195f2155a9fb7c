import type { Advance, Checkpoint, Claim, CommitOutcome } from '../ports.js'
import { commitOutcome } from './commitOutcome.js'

/**
 * What to do about a commit whose answer was lost, decided from what is saved now. Nothing of it is there: the change is read again.
 * It landed: the change is settled and must not be handed over again. Anything else: somebody else is the owner.
 */
export function unknownCommit(
  claim: Claim,
  advance: Advance,
  saved: Pick<Checkpoint, 'epoch' | 'rev' | 'position'> | null,
): CommitOutcome | { readonly kind: 'not landed' } {
  const untouched = saved !== null && saved.epoch === claim.epoch && saved.rev === claim.rev
  return untouched ? { kind: 'not landed' } : commitOutcome(claim, advance, saved)
}
