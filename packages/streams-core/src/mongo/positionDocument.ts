import { Binary, Timestamp } from 'mongodb'
import type { Backfill } from '../core/backfill.js'
import type { ClusterTime, Position } from '../core/position.js'

/** A position as it lies in checkpoints and history. */
export interface PositionDocument {
  readonly token: string
  readonly typeBits?: Binary
  readonly clusterTime: Timestamp
  readonly by: 'own' | 'foreign'
  readonly backfill?: BackfillDocument
}

interface BackfillDocument extends Omit<Backfill, 'at' | 'slices'> {
  readonly at: Timestamp | null
  readonly slices: readonly { readonly upTo: string | null; readonly at: Timestamp }[]
}

/** What a position may have: to be unset where a new one lacks it, because it would make that one unreadable, or mean another place. */
export function absentParts({ typeBits, backfill }: Partial<PositionDocument>): { typeBits?: ''; backfill?: '' } {
  return { ...(typeBits === undefined && { typeBits: '' }), ...(backfill === undefined && { backfill: '' }) }
}

export function toPositionDocument(position: Position): PositionDocument {
  return {
    token: position.token,
    ...(position.typeBits && { typeBits: new Binary(position.typeBits) }),
    clusterTime: toTimestamp(position.clusterTime),
    by: position.by,
    ...(position.backfill && { backfill: toBackfillDocument(position.backfill) }),
  }
}

function toBackfillDocument({ at, slices, ...rest }: Backfill): BackfillDocument {
  return { ...rest, at: at && toTimestamp(at), slices: slices.map(({ upTo, at: then }) => ({ upTo, at: toTimestamp(then) })) }
}

function fromBackfillDocument({ at, slices, ...rest }: BackfillDocument): Backfill {
  return { ...rest, at: at && fromTimestamp(at), slices: slices.map(({ upTo, at: then }) => ({ upTo, at: fromTimestamp(then) })) }
}

export function fromPositionDocument(document: PositionDocument): Position {
  return {
    token: document.token,
    ...(document.typeBits && { typeBits: Uint8Array.from(document.typeBits.value()) }),
    clusterTime: fromTimestamp(document.clusterTime),
    by: document.by,
    ...(document.backfill && { backfill: fromBackfillDocument(document.backfill) }),
  }
}

export const toTimestamp = ({ t, i }: ClusterTime) => new Timestamp({ t, i })

export const fromTimestamp = (timestamp: Timestamp): ClusterTime => ({
  t: timestamp.getHighBitsUnsigned(),
  i: timestamp.getLowBitsUnsigned(),
})
