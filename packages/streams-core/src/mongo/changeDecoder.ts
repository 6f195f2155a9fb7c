import { BSON, type MongoClient } from 'mongodb'
import type { Change } from '../change.js'

export type Decode = (bytes: Uint8Array) => Change

/**
 * Decodes as the client's own cursors do, so that a handler sees the same values whichever reader brought them. What surrounds the documents is the
 * same in nearly every change, and taken apart here; documents, and every change that looks different, are the driver's. https://bsonspec.org/spec.html, https://www.mongodb.com/docs/manual/reference/change-events/
 */
export function changeDecoder({ bsonOptions }: Pick<MongoClient, 'bsonOptions'>): Decode {
  const options: BSON.DeserializeOptions = {
    ...bsonOptions,
    raw: false,
    validation: { utf8: bsonOptions.enableUtf8Validation !== false },
  }
  const whole = (bytes: Uint8Array) => BSON.deserialize(bytes, options) as Change
  // They alter a change's own fields, or a small number in a document key.
  if (options.fieldsAsRaw != null || options.promoteValues === false) return whole
  const documentAt = (bytes: Buffer, at: number) => BSON.deserialize(bytes.subarray(at, at + bytes.readInt32LE(at)), options)
  const namespaceAt = sameAgain(documentAt)

  /** Null: it looks different. */
  function usual(bytes: Buffer): object | null {
    let at = 4
    /** Goes on behind the field's name, if it is there. */
    const passes = (field: Uint8Array) => hasAt(bytes, at, field) && (at += field.length) > 0
    /** Where the document is that begins here; goes on behind it. */
    const document = () => {
      const begin = at
      at += bytes.readInt32LE(at)
      return begin
    }
    if (!passes(id)) return null
    const _id = tokenAt(bytes, document())
    if (_id === null || !passes(operation)) return null
    const operationType = bytes.toString('latin1', at + 4, (at += 4 + bytes.readInt32LE(at)) - 1)
    if (!passes(time)) return null
    const clusterTime = new BSON.Timestamp({ i: bytes.readUInt32LE(at), t: bytes.readUInt32LE(at + 4) })
    at += 8
    if (!passes(wall)) return null
    const wallTime = new Date(bytes.readInt32LE(at + 4) * 0x1_0000_0000 + bytes.readUInt32LE(at))
    at += 8
    const fullDocument = passes(full) ? documentAt(bytes, document()) : null
    if (!passes(namespace)) return null
    const ns = namespaceAt(bytes, document())
    if (!passes(key)) return null
    const keyBegin = document()
    const documentKey = keyAt(bytes, keyBegin) ?? documentAt(bytes, keyBegin)
    const updateDescription = passes(update) ? documentAt(bytes, document()) : null
    if (bytes[at] !== 0 || at + 1 !== bytes.length) return null
    if (fullDocument !== null)
      return updateDescription === null
        ? { _id, operationType, clusterTime, wallTime, fullDocument, ns, documentKey }
        : { _id, operationType, clusterTime, wallTime, fullDocument, ns, documentKey, updateDescription }
    return updateDescription === null
      ? { _id, operationType, clusterTime, wallTime, ns, documentKey }
      : { _id, operationType, clusterTime, wallTime, ns, documentKey, updateDescription }
  }

  return (bytes) => (usual(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)) as Change | null) ?? whole(bytes)
}

/** A field's type and name, as they stand before its value. */
const field = (type: number, name: string) => Uint8Array.of(type, ...Buffer.from(name), 0)
const id = field(0x03, '_id')
const operation = field(0x02, 'operationType')
const time = field(0x11, 'clusterTime')
const wall = field(0x09, 'wallTime')
const full = field(0x03, 'fullDocument')
const namespace = field(0x03, 'ns')
const key = field(0x03, 'documentKey')
const update = field(0x03, 'updateDescription')
const data = field(0x02, '_data')
const objectId = field(0x07, '_id')
const number = field(0x10, '_id')

function hasAt(bytes: Uint8Array, at: number, letters: Uint8Array): boolean {
  for (let index = 0; index < letters.length; index += 1) if (bytes[at + index] !== letters[index]) return false
  return true
}

/** Of a token without type bits; null for others. */
function tokenAt(bytes: Buffer, at: number): object | null {
  if (!hasAt(bytes, at + 4, data)) return null
  const from = at + 15
  const end = from + bytes.readInt32LE(at + 11)
  return end + 1 === at + bytes.readInt32LE(at) ? { _data: bytes.toString('latin1', from, end - 1) } : null
}

/** The most frequent document keys; null for others. */
function keyAt(bytes: Buffer, at: number): object | null {
  const size = bytes.readInt32LE(at)
  if (size === 14 && hasAt(bytes, at + 4, number)) return { _id: bytes.readInt32LE(at + 9) }
  if (size === 22 && hasAt(bytes, at + 4, objectId))
    return { _id: new BSON.ObjectId(Uint8Array.prototype.slice.call(bytes, at + 9, at + 21)) }
  return null
}

/** A namespace is mostly the one before. Each change has an object of its own: a handler may write to it. */
function sameAgain(decode: (bytes: Buffer, at: number) => Record<string, unknown>): (bytes: Buffer, at: number) => unknown {
  let known = new Uint8Array(0)
  let value: Record<string, unknown> = {}
  return (bytes, at) => {
    const end = at + bytes.readInt32LE(at)
    if (known.length !== end - at || !hasAt(bytes, at, known)) {
      value = decode(bytes, at)
      known = Uint8Array.prototype.slice.call(bytes, at, end)
    }
    return { ...value }
  }
}
