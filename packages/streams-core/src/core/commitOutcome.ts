import type { Advance, Checkpoint, Claim, CommitOutcome } from '../ports.js'

/**
 * What a commit came to when its write matched nothing, or when nobody knows whether it landed: decided from what is saved now.
 * Only our own write can have raised `rev` by one under our epoch to our token. Trusting the epoch alone would do the effects
 * of an unknown commit twice (20 instead of 10 when tried).
 */
export function commitOutcome(
  claim: Claim,
  advance: Advance,
  saved: Pick<Checkpoint, 'epoch' | 'rev' | 'position'> | null,
): CommitOutcome {
  if (saved === null) return { kind: 'moved', rev: 0 }
  if (saved.epoch > claim.epoch) return { kind: 'fenced', epoch: saved.epoch }
  const ours = saved.epoch === claim.epoch && saved.rev === claim.rev + 1 && saved.position?.token === advance.position.token
  return ours ? { kind: 'committed', claim: { ...claim, rev: saved.rev } } : { kind: 'moved', rev: saved.rev }
}
