import { moveCheckpoint } from '../mongo/moveCheckpoint.js'
import { resolvePlaces } from '../mongo/places.js'
import { newOwner } from '../newOwner.js'
import { isGone, ownProcess } from '../processMark.js'
import type { Observer } from '../ports.js'
import { announcer } from '../runtime/worker.js'
import { StreamError } from '../streamError.js'
import { orFault } from './fault.js'
import { refusedMove, requireRev } from './refusedMove.js'
import type { AdminOptions, ResetDone, ResetPlan } from './types.js'

export interface ApplyOptions {
  /** Who does it, for the history. */
  readonly by: string
  readonly reason: string | null
  readonly action: 'reset' | 'reset-token'
  /** Binds an earlier plan: the plan must still be of this `rev`. */
  readonly ifRev?: number
  readonly acceptDrift?: boolean
  readonly observer?: Observer
}

/**
 * Does what a plan says, as a short-lived owner: position, history row and a raised epoch in one transaction. A worker that lost its lease
 * without knowing is fenced by it: its next save is refused.
 * @throws {StreamError} LEASE_HELD while a worker runs, POSITION_MOVED when the position is not the plan's any more, FINGERPRINT_CHANGED without consent
 */
export async function applyReset(
  options: AdminOptions,
  plan: ResetPlan,
  { by, reason, action, ifRev, acceptDrift = false, observer = {} }: ApplyOptions,
): Promise<ResetDone> {
  const { name, rev, fingerprint } = plan
  const planned = { name, rev, command: `boletia-streams reset ${name} --to <where>` }
  requireRev(planned, ifRev)
  if (fingerprint.drift && !acceptDrift) {
    throw new StreamError(
      'FINGERPRINT_CHANGED',
      `stream ${name}: its collection, pipeline or options are not those of its saved position (${fingerprint.savedHash}, now ${fingerprint.hash}); to move it all the same add --accept-drift`,
      { details: { stream: name, saved: fingerprint.savedHash, now: fingerprint.hash } },
    )
  }
  const outcome = await orFault(`stream ${name}`, () =>
    moveCheckpoint(
      resolvePlaces(options).state,
      {
        name,
        rev,
        to: plan.to,
        fingerprint: fingerprint.hash,
        holder: { owner: newOwner(), process: ownProcess(), isGone },
        row: { action, by, reason },
      },
      announcer(observer, name),
    ),
  )
  if (outcome.kind === 'moved') return { rev: outcome.rev, undo: outcome.before }
  throw refusedMove(planned, outcome)
}
