import type { Decimal128, Double, Int32, Long } from 'mongodb'
import type { InLane } from './lanes.js'

/**
 * The same text for equal ordering keys, whatever their type; null for undefined, which is a barrier: a change whose key is not known may
 * belong to any of them.
 */
export function laneKey(key: unknown, textOf: (key: unknown) => string): string | null {
  // The usual ones first: the general text costs more than all the rest of handing a change over.
  if (typeof key === 'string') return `s${key}`
  // As the general text has it: the server counts 7 and Long(7) as one number.
  if (Number.isSafeInteger(key)) return `e{"key":${key as number}}`
  if (key === undefined) return null
  if (isObjectId(key)) return `o${key.toHexString()}`
  return `e${textOf(key)}`
}

function isObjectId(key: unknown): key is { readonly id: unknown; toHexString(): string } {
  return typeof key === 'object' && key !== null && '_bsontype' in key && key._bsontype === 'ObjectId'
}

/**
 * What tells the lanes apart, made for each change without a text where it can be. Equal keys give the same; different ones may, now and then, and
 * then only keep an order that nobody asked for.
 */
export function laneOf(key: unknown, textOf: (key: unknown) => string): InLane['key'] {
  if (typeof key === 'string' || typeof key === 'number') return key
  if (key === undefined) return null
  if (typeof key === 'bigint') return Number(key)
  if (isObjectId(key) && key.id instanceof Uint8Array) return bitsOf(key.id)
  // The server counts 7, Long(7) and Decimal128(7) as one number.
  if (isNumeric(key)) return Number(key.toString())
  return textOf(key)
}

/** Of an ObjectId's 12 bytes: its counter and the last of its time. */
const bitsOf = (id: Uint8Array) =>
  (id[1]! * 0x10000 + id[2]! * 0x100 + id[3]!) * 0x1000000 + id[9]! * 0x10000 + id[10]! * 0x100 + id[11]!

const numeric = new Set<unknown>(['Long', 'Int32', 'Double', 'Decimal128'])

const isNumeric = (key: unknown): key is Long | Int32 | Double | Decimal128 =>
  typeof key === 'object' && key !== null && '_bsontype' in key && numeric.has(key._bsontype)
