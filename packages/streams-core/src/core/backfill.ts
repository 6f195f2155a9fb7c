import { type ClusterTime, type Position, compareTimes } from './position.js'
import { orderedKey } from './orderedKey.js'

/** Documents that were read as of one time: from the slice before it up to this key (core/orderedKey.ts); null: all the others. */
export interface Slice {
  readonly upTo: string | null
  readonly at: ClusterTime
}

/**
 * How far existing documents have been handed over; it is part of the position, so that one write saves both. `scanning`: documents are left;
 * `catching-up`: live changes come which documents that were handed over already contain.
 */
export interface Backfill {
  readonly state: 'scanning' | 'catching-up'
  /** The stream's first start, or an operator or the stream itself began again over targets that are not empty. */
  readonly cause: 'start' | 'again'
  /** Token of the position that was taken before the first document was read. */
  readonly origin: string
  readonly startedAt: Date
  /** Documents handed over. */
  readonly scanned: number
  /** The last document that was passed; boxed, because null is an `_id` too. */
  readonly last: { readonly id: unknown } | null
  /** As of which time those since the last slice were read; null before the first. */
  readonly at: ClusterTime | null
  /** So many of the next documents may have been handed over before, as of `at`. */
  readonly doubt: number
  readonly slices: readonly Slice[]
}

/** A position with a backfill. */
export type Scanning = Position & { readonly backfill: Backfill }

export const isScanning = (position: Position): position is Scanning => position.backfill?.state === 'scanning'

/** @throws for a position that is inside no backfill: a bug of the caller */
export function insideBackfill(position: Position): Scanning {
  if (position.backfill === undefined) throw new Error('the position is inside no backfill')
  return position as Scanning
}

/** The position `first`, with every existing document before it. */
export function beginBackfill(first: Position, cause: Backfill['cause'], startedAt: Date): Scanning {
  const backfill: Backfill = {
    state: 'scanning',
    cause,
    origin: first.token,
    startedAt,
    scanned: 0,
    last: null,
    at: null,
    doubt: 0,
    slices: [],
  }
  return { ...first, backfill }
}

/** A backfill that goes on: what was in flight comes again. `inFlight`: at most so many documents. */
export function resumeBackfill(position: Scanning, inFlight: number): Scanning {
  const { backfill } = position
  return { ...position, backfill: { ...backfill, doubt: backfill.at === null ? 0 : Math.max(backfill.doubt, inFlight) } }
}

/**
 * The position behind a document that was read as of `at`. Its token lies behind the one that was taken before the scan, before every later
 * change's, and rises with the `_id`: ordered guards take the documents of one target for changes in this order. (A token ends with its
 * own end mark, so no server's token begins with another one.)
 */
export function behindDocument(position: Scanning, id: unknown, at: ClusterTime, handedOver: boolean): Scanning {
  const backfill = readAt(position.backfill, at)
  const one = handedOver ? 1 : 0
  return {
    token: backfill.origin + orderedKey(id),
    clusterTime: position.clusterTime,
    by: 'foreign',
    backfill: { ...backfill, scanned: backfill.scanned + one, last: { id }, doubt: Math.max(0, backfill.doubt - one) },
  }
}

/** Where the live changes begin: behind every document's token. `at`: as of when it was read that there are no more. */
export function behindDocuments(position: Scanning, at: ClusterTime): Position {
  const backfill = readAt(position.backfill, at)
  const slices = backfill.cause === 'start' ? [...backfill.slices, { upTo: null, at: backfill.at ?? at }] : []
  return {
    token: `${backfill.origin}FF`,
    clusterTime: position.clusterTime,
    by: 'foreign',
    backfill: { ...backfill, state: 'catching-up', doubt: 0, slices },
  }
}

/** While documents are in doubt, the older time counts: what changed between the two is handed over, perhaps again, but not lost. */
function readAt(backfill: Backfill, at: ClusterTime): Backfill {
  const { at: before, doubt, last, slices } = backfill
  if (before === null) return { ...backfill, at }
  if (doubt > 0 || compareTimes(before, at) === 0) return backfill
  if (last === null) return { ...backfill, at }
  const closed = { upTo: orderedKey(last.id), at: before }
  return { ...backfill, at, slices: backfill.cause === 'start' ? [...slices, closed] : [] }
}

/**
 * Does a document that was handed over contain this change already? A sum would count it twice. Only of a first start: targets that were
 * filled before must hear of each change, the deletes above all, whose documents nobody reads any more.
 */
export function contains({ state, slices }: Backfill, id: unknown, time: ClusterTime): boolean {
  if (state !== 'catching-up' || !isBefore(slices, time)) return false
  const key = orderedKey(id)
  const slice = slices.find(({ upTo }) => upTo === null || key <= upTo)
  return slice !== undefined && compareTimes(time, slice.at) <= 0
}

/** The position with what has to be remembered of a backfill until the last change is past that its documents may contain. */
export function carrying(position: Position, backfill: Backfill | undefined): Position {
  if (backfill?.state !== 'catching-up' || position.backfill !== undefined) return position
  return isBefore(backfill.slices, position.clusterTime) ? { ...position, backfill } : position
}

function isBefore(slices: readonly Slice[], time: ClusterTime): boolean {
  return slices.some(({ at }) => compareTimes(time, at) <= 0)
}

/** As a dead letter keeps it: which document, and nothing of the rest. */
export function withoutSlices(position: Position): Position {
  return position.backfill === undefined ? position : { ...position, backfill: { ...position.backfill, slices: [] } }
}
