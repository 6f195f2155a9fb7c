import { headroomMs } from '../core/headroom.js'
import type { Position } from '../core/position.js'
import { direction } from '../core/positionMove.js'
import { liveHolder } from './liveHolder.js'
import { oplogWindow } from '../mongo/oplogWindow.js'
import { requireReplicaSet } from '../mongo/topology.js'
import { StreamError } from '../streamError.js'
import { survey } from './survey.js'
import { orFault } from './fault.js'
import { type Registered, registry } from './registry.js'
import type { AdminOptions, Counted, ResetPlan, Where } from './types.js'
import { whereTo } from './whereTo.js'

/**
 * What moving a stream's position would do. The target is proved by opening it; nothing is written.
 * @throws {StreamError} UNKNOWN_STREAM, NOTHING_SAVED, FUTURE_TIME, HISTORY_LOST, TOKEN_UNUSABLE
 */
export async function planReset(options: AdminOptions, name: string, where: Where): Promise<ResetPlan> {
  return await orFault(`stream ${name}`, async () => {
    const all = registry(options)
    await requireReplicaSet(all.places.state.client)
    const registered = await all.get(name)
    const { saved, fingerprint, view } = registered
    // A stream that was forgotten is compared with where it was.
    const from = saved?.position ?? saved?.previous
    if (saved === null || !from) {
      throw new StreamError(
        'NOTHING_SAVED',
        `stream ${name} has no saved position yet; boletia-streams run ${name} gives it one`,
        { details: { stream: name } },
      )
    }
    await requireReplicaSet(view.namespace.client)
    const to = await whereTo(all, registered, where)
    const [changes, oplog, holder] = await Promise.all([
      count(registered, from, to),
      oplogWindow(view.namespace.client),
      liveHolder(all.places.state, name),
    ])
    return {
      name,
      rev: saved.rev,
      direction: direction(from, to),
      from,
      to,
      changes,
      oplog: oplog && { from: oplog.first, to: oplog.last },
      headroomMs: oplog && headroomMs(to.clusterTime, oplog),
      ...holder,
      fingerprint: {
        hash: fingerprint,
        savedHash: saved.fingerprint,
        drift: fingerprint !== null && saved.fingerprint !== null && fingerprint !== saved.fingerprint,
      },
    }
  })
}

/** Not counted (`≥ 0`): without a definition nobody knows which changes the stream matches; and where its history is lost nobody can. */
export async function count({ stream, view }: Registered, from: Position, to: Position): Promise<Counted> {
  const way = direction(from, to)
  if (way === 'none') return { count: 0, exact: true }
  if (stream === null) return { count: 0, exact: false }
  try {
    const { count, exact } = way === 'rewind' ? await survey(view, to, from) : await survey(view, from, to)
    return { count, exact }
  } catch (error) {
    // The saved position is often moved because it cannot be opened any more; that the target opens is proved.
    if (way === 'skip') return { count: 0, exact: false }
    throw error
  }
}
