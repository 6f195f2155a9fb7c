import type { ClusterTime } from './position.js'

/** A member's oplog: a ring of `maxBytes` of which `usedBytes` hold the time from `first` to `last`. */
export interface Oplog {
  readonly first: ClusterTime
  readonly last: ClusterTime
  readonly usedBytes: number
  readonly maxBytes: number
}

/**
 * Milliseconds until the oplog forgets a position, at the rate at which the window it holds was written: what lies before the
 * position must be overwritten first, and what is still free be filled. Null when there is no rate yet (everything in one second).
 */
export function headroomMs(position: ClusterTime, { first, last, usedBytes, maxBytes }: Oplog): number | null {
  const ahead = (position.t - first.t) * 1000
  if (ahead < 0) return 0
  const windowMs = (last.t - first.t) * 1000
  if (windowMs <= 0 || usedBytes <= 0) return null
  const freeMs = (Math.max(0, maxBytes - usedBytes) / usedBytes) * windowMs
  return Math.round(Math.min(ahead, windowMs) + freeMs)
}

/** Which part of the headroom of a position of now is left: 1 = nothing is used up, 0 = the oplog has forgotten it. Null when there is no rate. */
export function headroomShare(position: ClusterTime, oplog: Oplog): number | null {
  const whole = headroomMs(oplog.last, oplog)
  const left = headroomMs(position, oplog)
  return whole === null || left === null || whole === 0 ? null : Math.min(1, left / whole)
}
