import type { ClusterTime } from '../../core/position.js'
import { keyField, keyInteger } from './keyString.js'

/** What an event's token says: when, its place in a transaction, on which collection, and on which document. */
export interface MadeEvent {
  readonly clusterTime: ClusterTime
  /** From 0; a change outside of a transaction has 0 too. */
  readonly txnOpIndex?: number
  /** Of the collection, 32 hexadecimal digits. */
  readonly uuid: string
  /** Left out: an event of the collection itself. */
  readonly documentKey?: object
  readonly fromInvalidate?: boolean
}

/** A version 1 token as a server 6.0 makes it: it sorts in stream order, and core/decodeToken.ts reads it back. */
export function eventToken({ clusterTime, txnOpIndex = 0, uuid, documentKey, fromInvalidate = false }: MadeEvent): string {
  const key =
    documentKey === undefined
      ? ''
      : `46${Object.entries(documentKey)
          .map(([name, value]) => keyField(name, value))
          .join('')}00`
  return `82${time(clusterTime)}2B022C0100${keyInteger(txnOpIndex)}${fromInvalidate ? '6F' : '6E'}5A1004${uuid.toUpperCase()}${key}04`
}

/** A token without an event: it sorts before every event of its time. */
export function highWaterToken(clusterTime: ClusterTime): string {
  return `82${time(clusterTime)}2B0229296E04`
}

const time = ({ t, i }: ClusterTime) => digits(t) + digits(i)
const digits = (number: number) => number.toString(16).toUpperCase().padStart(8, '0')
