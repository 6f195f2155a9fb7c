import { Binary, ObjectId } from 'mongodb'
import { StreamError } from '../../streamError.js'

/** What the `_id` of a made change may be; other types need type bits beside the token, which only a server makes. */
export type MadeId = ObjectId | Binary | string | number | boolean | Date | MadeIdDocument
export interface MadeIdDocument {
  readonly [field: string]: MadeId
}

/** A field of a token's document key in hexadecimal: the name between the type of its value and the value itself (core/keyStringValue.ts reads it). */
export function keyField(name: string, value: unknown): string {
  const encoded = keyValue(value, name)
  return `${genericType(value)}${text(name)}${encoded}`
}

/** A whole number as tokens have it: its size and sign in the first byte, then twice its magnitude, inverted below zero. */
export function keyInteger(value: number): string {
  if (value === 0) return '29'
  let magnitude = (BigInt(Math.abs(value)) << 1n).toString(16).toUpperCase()
  if (magnitude.length % 2 === 1) magnitude = `0${magnitude}`
  const bytes = magnitude.length / 2
  if (value > 0) return hex(Buffer.of(42 + bytes)) + magnitude
  const inverted = Buffer.from(magnitude, 'hex').map((byte) => byte ^ 0xff)
  return hex(Buffer.of(40 - bytes)) + hex(inverted)
}

function keyValue(value: unknown, name: string): string {
  if (value instanceof ObjectId) return `64${value.toHexString().toUpperCase()}`
  if (value instanceof Binary) return binary(value, name)
  if (value instanceof Date) return `78${hex(bigEndian(BigInt(value.getTime()) ^ (1n << 63n)))}`
  if (typeof value === 'string') return `3C${text(value, true)}`
  if (typeof value === 'boolean') return value ? '6F' : '6E'
  if (typeof value === 'number' && Number.isSafeInteger(value) && !Object.is(value, -0)) return keyInteger(value)
  if (isDocument(value))
    return `46${Object.entries(value)
      .map(([field, each]) => keyField(field, each))
      .join('')}00`
  throw new StreamError(
    'INVALID_OPTIONS',
    `${name} of a made change must be an ObjectId, a string, a whole number, a boolean, a Date, binary data, or a document of those; for any other type take changes from a real server`,
  )
}

function binary({ sub_type: subType, buffer, position }: Binary, name: string): string {
  if (position > 254)
    throw new StreamError('INVALID_OPTIONS', `${name} of a made change must not be longer than 254 bytes; got ${position}`)
  return `5A${hex(Buffer.of(position, subType))}${hex(buffer.subarray(0, position))}`
}

/** The type byte of a field's name: one for all that sort together. */
function genericType(value: unknown): string {
  if (value instanceof ObjectId) return '64'
  if (value instanceof Binary) return '5A'
  if (value instanceof Date) return '78'
  if (typeof value === 'string') return '3C'
  if (typeof value === 'boolean') return '6E'
  return typeof value === 'number' ? '1E' : '46'
}

const isDocument = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !('_bsontype' in value)

/** NUL ends it; one inside a value is followed by FF. */
const text = (value: string, escaped = false) =>
  `${
    hex(Buffer.from(value))
      .match(/../g)
      ?.map((byte) => (escaped && byte === '00' ? '00FF' : byte))
      .join('') ?? ''
  }00`

function bigEndian(value: bigint): Buffer {
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64BE(BigInt.asUintN(64, value))
  return bytes
}

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex').toUpperCase()
