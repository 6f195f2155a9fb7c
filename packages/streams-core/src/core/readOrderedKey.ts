import { type KeyStringReader, malformed } from './keyStringReader.js'
import type { KeyDocument, KeyValue } from './keyStringValue.js'
import { keyStringDate } from './keyStringValue.js'
import { readNumberKey } from './readNumberKey.js'

// BSON nests at most 180 levels.
const maxDepth = 200

/** What core/orderedKey.ts made a text of, as relaxed Extended JSON. A number is one whose value is equal: its type is not kept. */
export function readOrderedKey(reader: KeyStringReader, depth = 0): KeyValue {
  if (depth > maxDepth) throw malformed('it nests too deeply', reader.at)
  return readContent(reader.byte('a key'), reader, depth)
}

function readContent(type: number, reader: KeyStringReader, depth: number): KeyValue {
  switch (type) {
    case 0x01:
      return { $minKey: 1 }
    case 0x05:
      return null
    case 0x10:
      return readNumberKey(reader)
    case 0x15:
      return readText(reader)
    case 0x20:
      return readDocument(reader, depth)
    case 0x25:
      return readArray(reader, depth)
    case 0x30: {
      const length = Number(reader.uint(4, 'binary data'))
      const subType = hex(reader.take(1, 'binary data'))
      return { $binary: { base64: Buffer.from(reader.take(length, 'binary data')).toString('base64'), subType } }
    }
    case 0x35:
      return { $oid: hex(reader.take(12, 'an ObjectId')) }
    case 0x40:
      return reader.byte('a boolean') === 1
    case 0x45:
      return keyStringDate(reader)
    case 0x47: {
      const time = reader.uint(8, 'a timestamp')
      return { $timestamp: { t: Number(time >> 32n), i: Number(time & 0xffffffffn) } }
    }
    case 0x7f:
      return { $maxKey: 1 }
    default:
      throw malformed(`no key begins with ${hex([type])}`, reader.at - 1)
  }
}

function readText(reader: KeyStringReader): string {
  const text = reader.text('a text', true)
  if (reader.byte('a text') !== 0) throw malformed('its text does not end', reader.at - 1)
  return text
}

function readDocument(reader: KeyStringReader, depth: number): KeyDocument {
  const fields: [string, KeyValue][] = []
  for (let type = reader.byte('a document'); type !== 0; type = reader.byte('a document')) {
    if (depth > maxDepth) throw malformed('it nests too deeply', reader.at)
    fields.push([readText(reader), readContent(type, reader, depth + 1)])
  }
  return Object.fromEntries(fields)
}

function readArray(reader: KeyStringReader, depth: number): readonly KeyValue[] {
  if (depth > maxDepth) throw malformed('it nests too deeply', reader.at)
  const values: KeyValue[] = []
  for (let type = reader.byte('an array'); type !== 0; type = reader.byte('an array'))
    values.push(readContent(type, reader, depth + 1))
  return values
}

const hex = (bytes: Iterable<number>) => Buffer.from([...bytes]).toString('hex')
