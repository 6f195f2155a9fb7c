import type { Log } from '../log.js'
import { unobserved } from '../core/crashPoints.js'
import { laneKey } from '../core/laneKey.js'
import { compareTokens } from '../core/position.js'
import { mongoChangeSource } from '../mongo/changeSource.js'
import { mongoDeadLetterStore } from '../mongo/deadLetterStore.js'
import { keyText } from '../mongo/documentIds.js'
import { passiveStore } from '../mongo/passiveStore.js'
import { mongoTargetStore } from '../mongo/targetStore.js'
import { lifecycleContext } from '../runtime/changeContext.js'
import { Progress } from '../runtime/progress.js'
import { type Redelivered, redeliver } from '../runtime/redeliver.js'
import { silentLog } from '../silentLog.js'
import { StreamError } from '../streamError.js'
import { systemClock } from '../systemClock.js'
import { orFault } from './fault.js'
import { registry } from './registry.js'
import { Tally } from '../runtime/tally.js'
import { replayView } from './replayView.js'
import type { AdminOptions, ReplayPlan } from './types.js'

export interface ReplayOptions {
  /** Aborting finishes the change in hand. */
  readonly signal?: AbortSignal
  readonly log?: Log
  /** Call the handler even where it declares `onReplay: 'skip'`. */
  readonly sideEffects?: boolean
  readonly onProgress?: (so: Redelivered) => void
}

// Above every token: whatever is replayed counts as handed over before.
const everything = '~'

/**
 * Delivers the changes of a plan to the handler again, on a cursor of its own; the saved position is neither moved nor passed.
 * A failing change does not reject: it is counted, and its key stops there.
 * @throws {StreamError} POSITION_MOVED when the saved position was moved back below `until` since the plan; UNREACHABLE, HISTORY_LOST
 */
export async function replay(
  options: AdminOptions,
  plan: ReplayPlan,
  { signal, log = silentLog, sideEffects = false, onProgress }: ReplayOptions = {},
): Promise<Redelivered> {
  const { name, from, until, request } = plan
  return await orFault(`replay of stream ${name}`, async () => {
    const { places, get } = registry(options)
    const { stream: defined, saved, view } = await get(name)
    const reached = saved?.position
    if (defined === null || !saved || !reached || compareTokens(until.token, reached.token) > 0) {
      throw new StreamError(
        'POSITION_MOVED',
        `stream ${name}: its saved position lies before the end of this plan now; plan again: boletia-streams replay ${name} --from <where>`,
        {
          details: { stream: name, planned: plan.rev, rev: saved?.rev ?? null },
        },
      )
    }
    const stream = sideEffects ? { ...defined, onReplay: 'run' as const } : defined
    await using store = passiveStore(places.state.client)
    const worker = {
      stream,
      store,
      targets: mongoTargetStore(stream, places),
      clock: systemClock,
      random: Math.random,
      observer: {},
      tally: new Tally(),
      tracer: null,
      passing: unobserved,
      signal: signal ?? new AbortController().signal,
      log: log.child({ stream: name, replay: true }),
    }
    const source = mongoChangeSource({ ...stream, pipeline: replayView(view, request).pipeline }, view.namespace)
    const endTime = await source.serverTime()
    await worker.targets.ensure()
    await stream.setup?.(lifecycleContext(worker))
    await using reader = await source.open(from)
    const progress = new Progress({ ...saved, position: from, highest: everything, skipped: [] }, null)
    const done = await redeliver(worker, progress, reader, {
      until: until.token,
      endTime,
      limit: request.limit ?? Number.POSITIVE_INFINITY,
      rate: request.rate ?? Number.POSITIVE_INFINITY,
      keyOf: ({ change }) => laneKey(stream.key(change), keyText),
      parkedKeys: (await mongoDeadLetterStore(places.state).held(name)).keys,
      onProgress: onProgress ?? (() => undefined),
    })
    await stream.teardown?.(lifecycleContext(worker))
    return done
  })
}
