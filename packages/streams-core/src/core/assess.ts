import type { StreamState } from './streamState.js'

export type Level = 'ok' | 'warning' | 'critical'

/** Passed at `warning` or at `critical`; null: not at all. */
export interface Threshold {
  readonly warning: number | null
  readonly critical: number
}

export interface Limits {
  readonly maxLagMs?: Threshold
  readonly minHeadroomMs?: Threshold
  readonly maxParked?: Threshold
  /** Milliseconds behind at the same position. Without it a stream counts as stuck after two minutes. */
  readonly maxStuckMs?: Threshold
}

/** What of a status is judged. */
export interface Judged {
  readonly state: StreamState
  readonly lagMs: number | null
  readonly headroomMs: number | null
  readonly parked: number
  readonly stuckMs: number | null
  readonly drift: boolean
  /** An error has stopped it, and no worker holds it: all that is judged of an orphan, whose state does not say so. */
  readonly failed?: boolean
}

export interface Finding {
  readonly about: 'state' | 'lag' | 'headroom' | 'parked' | 'stuck' | 'definition'
  readonly level: Exclude<Level, 'ok'>
  /** The figure that was judged, milliseconds or a count; null where it is not known, or there is none. */
  readonly value: number | null
}

const stateLevels: Record<StreamState, Level> = {
  running: 'ok',
  idle: 'ok',
  orphan: 'ok',
  new: 'warning',
  paused: 'warning',
  stopped: 'warning',
  stale: 'critical',
  halted: 'critical',
  stuck: 'critical',
}

/** What a monitor must be told about a stream; nothing: all is well. What is limited and not known is a warning, never silence. */
export function assess(judged: Judged, limits: Limits): readonly Finding[] {
  const { state, lagMs, headroomMs, parked, stuckMs, drift, failed = false } = judged
  const findings: Finding[] = []
  const add = (about: Finding['about'], level: Level, value: number | null) => {
    if (level !== 'ok') findings.push({ about, level, value })
  }
  // `maxStuckMs` says what stuck means.
  add(
    'state',
    state === 'stuck' && limits.maxStuckMs ? 'ok' : state === 'orphan' && failed ? 'critical' : stateLevels[state],
    null,
  )
  // Of a new one there is nothing, and of an orphan nobody knows what it watches.
  if (state === 'new' || state === 'orphan') return findings
  add('lag', above(lagMs, limits.maxLagMs), lagMs)
  add('headroom', headroomMs === 0 ? 'critical' : below(headroomMs, limits.minHeadroomMs), headroomMs)
  add('parked', above(parked, limits.maxParked), parked)
  add('stuck', above(stuckMs, limits.maxStuckMs), stuckMs)
  add('definition', drift ? 'warning' : 'ok', null)
  return findings
}

/** The worst of several. */
export function worst(levels: Iterable<Level>): Level {
  const found = new Set(levels)
  return found.has('critical') ? 'critical' : found.has('warning') ? 'warning' : 'ok'
}

function above(value: number | null, limit: Threshold | undefined): Level {
  if (limit === undefined) return 'ok'
  if (value === null) return 'warning'
  return value > limit.critical ? 'critical' : limit.warning !== null && value > limit.warning ? 'warning' : 'ok'
}

function below(value: number | null, limit: Threshold | undefined): Level {
  if (limit === undefined) return 'ok'
  if (value === null) return 'warning'
  return value < limit.critical ? 'critical' : limit.warning !== null && value < limit.warning ? 'warning' : 'ok'
}
