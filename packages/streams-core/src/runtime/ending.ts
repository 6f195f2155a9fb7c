import type { ClusterTime } from '../core/position.js'
import type { ChangeSource } from '../ports.js'
import type { RunOptions, RunSummary } from '../runOptions.js'
import { StreamError } from '../streamError.js'

/** When a run ends by itself: a change later than `through` is not handed over any more, nor any after `max` settled ones. */
export interface Ending {
  readonly through: ClusterTime | null
  readonly reason: Extract<RunSummary['reason'], 'caught-up' | 'until' | 'redriven'>
  readonly max: number
}

/** @throws {StreamError} FUTURE_TIME, judged on the server's clock: the run would wait for it in silence */
export async function endingOf(
  { until, max = Number.POSITIVE_INFINITY }: Pick<RunOptions, 'until' | 'max'>,
  source: ChangeSource,
): Promise<Ending> {
  if (until === 'redriven') return { through: null, reason: 'redriven', max }
  if (until === undefined) return { through: null, reason: 'until', max }
  const now = await source.serverTime()
  if (until === 'caught-up') return { through: now, reason: 'caught-up', max }
  // Cluster times have whole seconds: what happened before `time` is everything up to the last ordinal of the second before.
  const second = Math.ceil(until.time.getTime() / 1000) - 1
  if (second > now.t)
    throw new StreamError(
      'FUTURE_TIME',
      `until ${until.time.toISOString()} lies in the server's future; give a time that has passed`,
    )
  return { through: { t: second, i: 0xffff_ffff }, reason: 'until', max }
}
