import type { Backfill } from './backfill.js'

/** Server time of a change: seconds since the epoch and the ordinal within that second (a BSON Timestamp, without the driver). */
export interface ClusterTime {
  readonly t: number
  readonly i: number
}

/**
 * A place in a change stream. `token` is the `_data` string of a resume token.
 * `typeBits` belongs to it whenever the server sent it: reopening without fails for ever with 50810 when an `_id` is a double
 * or a Decimal128. `by` says who made the token: only `own` ones (made by this stream's own pipeline) may be given to
 * `startAfter`; a `foreign` one is opened at its cluster time and changes up to it are dropped.
 */
export interface Position {
  readonly token: string
  readonly typeBits?: Uint8Array
  readonly clusterTime: ClusterTime
  readonly by: 'own' | 'foreign'
  /** Only inside a backfill and until its documents are caught up with: existing documents come before the changes behind the token. */
  readonly backfill?: Backfill
}

/** Tokens of one cluster sort like the stream itself, also inside one transaction; never compare across clusters. */
export function compareTokens(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

export function compareTimes(a: ClusterTime, b: ClusterTime): number {
  return a.t - b.t || a.i - b.i
}

/** A change is a replay when it lies at or below the highest handled one, unless a forward move jumped over it. */
export function isReplay(token: string, highest: string | null, skipped: readonly SkippedInterval[]): boolean {
  if (highest === null || token > highest) return false
  return !skipped.some(({ from, to }) => token > from && token <= to)
}

/** What a forward move jumped over: tokens above `from`, up to and including `to`. */
export interface SkippedInterval {
  readonly from: string
  readonly to: string
}

/** Changes that nobody can deliver any more: later than `from`, up to the oplog's oldest entry `to` (null where it may not be read). */
export interface Gap {
  readonly from: ClusterTime
  readonly to: ClusterTime | null
  readonly at: Date
}
