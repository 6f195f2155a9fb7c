import { Binary, Timestamp } from 'mongodb'
import type { ClusterTime, Position } from '../core/position.js'

/** A position as it lies in checkpoints and history. */
export interface PositionDocument {
  readonly token: string
  readonly typeBits?: Binary
  readonly clusterTime: Timestamp
  readonly by: 'own' | 'foreign'
}

export function toPositionDocument(position: Position): PositionDocument {
  return {
    token: position.token,
    ...(position.typeBits && { typeBits: new Binary(position.typeBits) }),
    clusterTime: toTimestamp(position.clusterTime),
    by: position.by,
  }
}

export function fromPositionDocument(document: PositionDocument): Position {
  return {
    token: document.token,
    ...(document.typeBits && { typeBits: Uint8Array.from(document.typeBits.value()) }),
    clusterTime: fromTimestamp(document.clusterTime),
    by: document.by,
  }
}

export const toTimestamp = ({ t, i }: ClusterTime) => new Timestamp({ t, i })

export const fromTimestamp = (timestamp: Timestamp): ClusterTime => ({
  t: timestamp.getHighBitsUnsigned(),
  i: timestamp.getLowBitsUnsigned(),
})
