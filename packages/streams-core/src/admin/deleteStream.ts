import type { Position } from '../core/position.js'
import { moveCheckpoint } from '../mongo/moveCheckpoint.js'
import { resolvePlaces } from '../mongo/places.js'
import { newOwner } from '../newOwner.js'
import { isGone, ownProcess } from '../processMark.js'
import { StreamError } from '../streamError.js'
import { orFault } from './fault.js'
import { liveHolder } from './liveHolder.js'
import { refusedMove, requireRev } from './refusedMove.js'
import { registry } from './registry.js'
import type { AdminOptions, StreamStatus } from './types.js'

/** What forgetting a stream would do; nothing is written by making one. */
export interface DeletePlan extends Pick<StreamStatus, 'owner' | 'lease'> {
  readonly name: string
  readonly rev: number
  readonly from: Position
  /** It is in the config too: its next run begins like that of a new stream. */
  readonly defined: boolean
}

/** @throws {StreamError} UNKNOWN_STREAM, NOTHING_SAVED */
export async function planDelete(options: AdminOptions, name: string): Promise<DeletePlan> {
  return await orFault(`stream ${name}`, async () => {
    const all = registry(options)
    const { saved, stream } = await all.get(name)
    if (saved === null || saved.position === null) {
      throw new StreamError('NOTHING_SAVED', `stream ${name} has no saved position: there is nothing to forget`, {
        details: { stream: name },
      })
    }
    return { name, rev: saved.rev, from: saved.position, defined: stream !== null, ...(await liveHolder(all.places.state, name)) }
  })
}

/**
 * Forgets a stream, as a short-lived owner: the token is unset, the epoch raised, and a row added to the history, in one transaction. Its
 * document stays without a token, so that a worker of the past matches nothing, and a reset to `prev` brings the position back.
 * @throws {StreamError} LEASE_HELD while a worker runs, POSITION_MOVED when the position is not the plan's any more
 */
export async function deleteStream(
  options: AdminOptions,
  { name, rev }: Pick<DeletePlan, 'name' | 'rev'>,
  { by, reason, ifRev }: { readonly by: string; readonly reason: string | null; readonly ifRev?: number },
): Promise<{ readonly rev: number }> {
  const planned = { name, rev, command: `boletia-streams delete ${name}` }
  requireRev(planned, ifRev)
  const outcome = await orFault(`stream ${name}`, () =>
    moveCheckpoint(resolvePlaces(options).state, {
      name,
      rev,
      to: null,
      fingerprint: null,
      holder: { owner: newOwner(), process: ownProcess(), isGone },
      row: { action: 'delete', by, reason },
    }),
  )
  if (outcome.kind !== 'moved') throw refusedMove(planned, outcome)
  return { rev: outcome.rev }
}
