import { type Position, compareTokens } from '../core/position.js'
import { requireReplicaSet } from '../mongo/topology.js'
import { StreamError } from '../streamError.js'
import { orFault } from './fault.js'
import { registry } from './registry.js'
import { replayView } from './replayView.js'
import { survey } from './survey.js'
import type { AdminOptions, ReplayPlan, ReplayRequest } from './types.js'
import { whereTo } from './whereTo.js'

const samples = 5

/**
 * What delivering a part of history again would do. It never passes the saved position: changes beyond it that only some keys saw
 * would make an ordered guard refuse the others when they come live (protocol, rule 27).
 * @throws {StreamError} USAGE for `until` beyond the saved position or before `from`, and the errors of `planReset`
 */
export async function planReplay(options: AdminOptions, name: string, request: ReplayRequest): Promise<ReplayPlan> {
  return await orFault(`stream ${name}`, async () => {
    const { limit, rate } = request
    for (const [option, value] of Object.entries({ limit, rate })) {
      if (value !== undefined && !(value > 0)) throw usage(name, `${option} must be a number above 0; got ${value}`)
    }
    const all = registry(options)
    const registered = await all.get(name)
    const { stream, saved } = registered
    if (stream === null) {
      throw new StreamError(
        'UNKNOWN_STREAM',
        `stream ${name} is saved but not defined: a replay needs its handler; add it to the config`,
        {
          details: { stream: name },
        },
      )
    }
    const reached = saved?.position
    if (!saved || !reached) {
      throw new StreamError(
        'NOTHING_SAVED',
        `stream ${name} has no saved position yet, so nothing was delivered before; boletia-streams run ${name}`,
        {
          details: { stream: name },
        },
      )
    }
    await requireReplicaSet(registered.view.namespace.client)
    const from = await whereTo(all, registered, request.from, 'replay')
    const until = request.until === undefined ? reached : await whereTo(all, registered, request.until, 'replay')
    refuseRange(name, from, until, reached)
    const found = await survey(replayView(registered.view, request), foreign(from), until, {
      samples,
      ...(limit !== undefined && { limit }),
    })
    return {
      name,
      rev: saved.rev,
      from: foreign(from),
      until,
      ...found,
      onReplay: stream.onReplay,
      request,
    }
  })
}

/** A narrowed pipeline might not have matched the change behind an own token: then only its time opens. */
const foreign = (position: Position): Position => ({ ...position, by: 'foreign' })

function refuseRange(name: string, from: Position, until: Position, reached: Position): void {
  if (compareTokens(until.token, reached.token) > 0) {
    throw usage(
      name,
      'until lies beyond the saved position: those changes were not delivered yet and come by themselves; leave --until out',
    )
  }
  if (compareTokens(from.token, until.token) > 0) throw usage(name, 'from lies after until: there is nothing between them')
}

const usage = (name: string, why: string) => new StreamError('USAGE', `stream ${name}: ${why}`, { details: { stream: name } })
