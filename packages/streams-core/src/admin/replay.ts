import { compareTokens } from '../core/position.js'
import { mongoChangeSource } from '../mongo/changeSource.js'
import type { Redelivered } from '../runtime/redeliver.js'
import { StreamError } from '../streamError.js'
import { type ReplayOptions, deliverAgain } from './deliverAgain.js'
import { orFault } from './fault.js'
import { historyLost, isHistoryLost } from './proveOpen.js'
import { registry } from './registry.js'
import { replayView } from './replayView.js'
import type { AdminOptions, ReplayPlan } from './types.js'

/**
 * Delivers the changes of a plan to the handler again, on a cursor of its own; the saved position is neither moved nor passed.
 * A failing change does not reject: it is counted, and its key stops there.
 * @throws {StreamError} POSITION_MOVED when the saved position was moved back below `until` since the plan; UNREACHABLE, HISTORY_LOST
 */
export async function replay(options: AdminOptions, plan: ReplayPlan, how: ReplayOptions = {}): Promise<Redelivered> {
  const { name, from, until, request } = plan
  return await orFault(`replay of stream ${name}`, async () => {
    const { places, get } = registry(options)
    const { stream, saved, view } = await get(name)
    const reached = saved?.position
    if (stream === null || !saved || !reached || compareTokens(until.token, reached.token) > 0) {
      throw new StreamError(
        'POSITION_MOVED',
        `stream ${name}: its saved position lies before the end of this plan now; plan again: boletia-streams replay ${name} --from <where>`,
        {
          details: { stream: name, planned: plan.rev, rev: saved?.rev ?? null },
        },
      )
    }
    const source = mongoChangeSource({ ...stream, pipeline: replayView(view, request).pipeline }, view.namespace)
    const endTime = await source.serverTime()
    const open = () => source.open(from)
    const { limit, rate } = request
    const again = { places, stream, saved, from, until: until.token, endTime, open, limit, rate, mark: 'replay' } as const
    try {
      return await deliverAgain(again, how)
    } catch (error) {
      // The oplog forgot it since the plan, or while it was read.
      throw isHistoryLost(error) ? historyLost(name, from, 'replay', error) : error
    }
  })
}
