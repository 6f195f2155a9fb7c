import { StreamError } from '../streamError.js'
import { numberKey } from './orderedNumber.js'

// The first byte of each type, in the server's order of types.
// https://www.mongodb.com/docs/manual/reference/bson-type-comparison-order/
const types = {
  minKey: '01',
  null: '05',
  number: '10',
  string: '15',
  object: '20',
  array: '25',
  binary: '30',
  objectId: '35',
  boolean: '40',
  date: '45',
  timestamp: '47',
  maxKey: '7f',
} as const

/**
 * A hexadecimal text for the `_id` of a document: the texts of two values compare as the server orders the values (BSON's order over all types, the
 * simple collation), equal ones have the same text, and none begins another.
 * @throws {StreamError} INVALID_STREAM for a type that is no usual `_id`: a regular expression, code, a DBRef, bytes that lost their subtype
 */
export function orderedKey(value: unknown): string {
  return keyOf(value).toUpperCase()
}

function keyOf(value: unknown): string {
  const [type, content] = typed(value)
  return types[type] + content
}

function typed(value: unknown): readonly [keyof typeof types, string] {
  if (typeof value === 'string') return ['string', text(value)]
  if (typeof value === 'number' || typeof value === 'bigint') return ['number', numberKey(value)]
  if (typeof value === 'boolean') return ['boolean', value ? '01' : '00']
  if (typeof value === 'object') return value === null ? ['null', ''] : ofObject(value)
  throw unordered(typeof value)
}

interface Bson {
  readonly _bsontype?: string
  readonly value?: unknown
  readonly buffer?: Uint8Array
  readonly sub_type?: number
  readonly position?: number
  toHexString?(): string
  valueOf(): unknown
  toString(): string
}

function ofObject(value: object): readonly [keyof typeof types, string] {
  if (value instanceof Date) return ['date', hex64(BigInt(value.getTime()) + 2n ** 63n)]
  if (Array.isArray(value)) return ['array', `${value.map(keyOf).join('')}00`]
  const bson = value as Bson
  switch (bson._bsontype) {
    case undefined:
      return plain(value)
    case 'ObjectId':
      return ['objectId', bson.toHexString!()]
    case 'Int32':
    case 'Double':
      return ['number', numberKey(bson.valueOf() as number)]
    case 'Long':
      return ['number', numberKey(BigInt(bson.toString()))]
    case 'Decimal128':
      return ['number', numberKey(bson.toString())]
    case 'BSONSymbol':
      return ['string', text(String(bson.value))]
    case 'Timestamp':
      return ['timestamp', hex64(BigInt(bson.toString()))]
    case 'Binary': {
      const bytes = Buffer.from(bson.buffer!.subarray(0, bson.position))
      const length = bytes.length.toString(16).padStart(8, '0')
      return ['binary', `${length}${bson.sub_type!.toString(16).padStart(2, '0')}${bytes.toString('hex')}`]
    }
    case 'MinKey':
      return ['minKey', '']
    case 'MaxKey':
      return ['maxKey', '']
    default:
      throw unordered(bson._bsontype)
  }
}

/** Field by field: its type, its name, its value; a document that ends is the lower one. */
function plain(value: object): readonly [keyof typeof types, string] {
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype !== Object.prototype && prototype !== null) throw unordered(value.constructor.name)
  const fields = Object.entries(value).map(([name, inner]) => {
    const [type, content] = typed(inner)
    return `${types[type]}${text(name)}${content}`
  })
  return ['object', `${fields.join('')}00`]
}

/** The bytes compare; a zero byte among them must not end the text. */
function text(value: string): string {
  const bytes = Buffer.from(value).toString('hex')
  return `${bytes.includes('00') ? bytes.replaceAll(/(..)/g, (byte) => (byte === '00' ? '00ff' : byte)) : bytes}0000`
}

const hex64 = (value: bigint) => value.toString(16).padStart(16, '0')

function unordered(type: string): StreamError<'INVALID_STREAM'> {
  return new StreamError(
    'INVALID_STREAM',
    `a document's _id has the type ${type}, whose order among the others is not known: its collection cannot be backfilled${
      type === 'Uint8Array' || type === 'Buffer'
        ? '; a client without promoteBuffers keeps what the order of bytes depends on'
        : ''
    }`,
    { details: { type } },
  )
}
