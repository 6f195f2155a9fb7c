import type { Advance, Checkpoint, Claim, UnknownCommit } from '../ports.js'
import { commitOutcome } from './commitOutcome.js'
import type { Position } from './position.js'

/**
 * What became of a commit whose answer was lost, decided from what is saved now. `from`: the position before it. Not landed, `rev` as it was:
 * it may still land. Not landed, `rev` one higher at the old position: our own raising of rev came first, and it never will.
 */
export function unknownCommit(
  claim: Claim,
  advance: Advance,
  from: Pick<Position, 'token'>,
  saved: Pick<Checkpoint, 'epoch' | 'rev' | 'position'> | null,
): UnknownCommit {
  const ours = saved !== null && saved.epoch === claim.epoch
  if (ours && saved.rev === claim.rev) return { kind: 'not landed', claim }
  const outcome = commitOutcome(claim, advance, saved)
  const raised = ours && saved.rev === claim.rev + 1 && saved.position?.token === from.token
  return outcome.kind === 'moved' && raised ? { kind: 'not landed', claim: { ...claim, rev: saved.rev } } : outcome
}
