import { isNumberType, readNumber } from './keyStringNumber.js'
import { type KeyStringReader, malformed } from './keyStringReader.js'
import type { TypeBits } from './typeBits.js'

/** A BSON value as relaxed Extended JSON (what `EJSON.parse` of the driver reads back). */
export type KeyValue = null | boolean | number | string | readonly KeyValue[] | KeyDocument
export interface KeyDocument {
  readonly [name: string]: KeyValue
}

// BSON nests at most 180 levels; a longer chain is not a document but an attempt on the stack.
const maxDepth = 200

/** One value of a KeyString: its type byte was read, the value follows. */
export function readValue(ctype: number, reader: KeyStringReader, bits: TypeBits, depth = 0): KeyValue {
  if (depth > maxDepth) throw malformed('it nests too deeply', reader.at)
  if (isNumberType(ctype)) return readNumber(ctype, reader, bits)
  switch (ctype) {
    case 10:
      return { $minKey: 1 }
    case 15:
      return { $undefined: true }
    case 20:
      return null
    case 60:
      bits.skipString()
      return reader.text('a string', true)
    case 70:
      return readDocument(reader, bits, depth)
    case 80:
      return readArray(reader, bits, depth)
    case 90:
      return readBinary(reader)
    case 100:
      return { $oid: hex(reader.take(12, 'an ObjectId')) }
    case 110:
    case 111:
      return ctype === 111
    case 120:
      return keyStringDate(reader)
    case 130: {
      const time = reader.uint(8, 'a timestamp')
      return { $timestamp: { t: Number(time >> 32n), i: Number(time & 0xffffffffn) } }
    }
    case 140:
      return {
        $regularExpression: { pattern: reader.text('a pattern', false), options: reader.text('a pattern’s options', false) },
      }
    case 160:
      return { $code: reader.text('code', true) }
    case 170:
      return { $code: reader.text('code', true), $scope: readDocument(reader, bits, depth) }
    case 240:
      return { $maxKey: 1 }
    default:
      throw malformed(`no value begins with ${ctype.toString(16).padStart(2, '0')}`, reader.at - 1)
  }
}

/** Each field: a generic type byte (0 = the end), the name, then the value with its own type byte. */
function readDocument(reader: KeyStringReader, bits: TypeBits, depth: number): KeyDocument {
  const fields: [string, KeyValue][] = []
  while (reader.byte('a document') !== 0) {
    const name = reader.text('a field’s name', false)
    fields.push([name, readValue(reader.byte('a document'), reader, bits, depth + 1)])
  }
  return Object.fromEntries(fields)
}

function readArray(reader: KeyStringReader, bits: TypeBits, depth: number): readonly KeyValue[] {
  const values: KeyValue[] = []
  for (let ctype = reader.byte('an array'); ctype !== 0; ctype = reader.byte('an array')) {
    values.push(readValue(ctype, reader, bits, depth + 1))
  }
  return values
}

function readBinary(reader: KeyStringReader): KeyDocument {
  const short = reader.byte('binary data')
  const length = short === 0xff ? Number(reader.uint(4, 'binary data')) : short
  const subType = hex(reader.take(1, 'binary data'))
  return { $binary: { base64: Buffer.from(reader.take(length, 'binary data')).toString('base64'), subType } }
}

export function keyStringDate(reader: KeyStringReader): KeyDocument {
  const ms = BigInt.asIntN(64, reader.uint(8, 'a date') ^ (1n << 63n))
  // Relaxed Extended JSON writes years 1970 to 9999 as text and the others as a number.
  const plain = ms >= 0n && ms < 253402300800000n
  return { $date: plain ? new Date(Number(ms)).toISOString() : { $numberLong: String(ms) } }
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex')
}
