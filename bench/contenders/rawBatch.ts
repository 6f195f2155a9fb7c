// The reply of aggregate and getMore, walked as bytes: https://bsonspec.org/spec.html

export interface RawBatch {
  readonly id: bigint
  readonly changes: readonly Uint8Array[]
}

const stringType = 0x02
const documentType = 0x03
const arrayType = 0x04
const booleanType = 0x08

/** A cursor's id and the documents of its batch, none of them decoded: a view each, nothing is copied. */
export function rawBatch(cursor: Uint8Array): RawBatch {
  const bytes = Buffer.from(cursor.buffer, cursor.byteOffset, cursor.byteLength)
  let id = 0n
  let changes: readonly Uint8Array[] = []
  for (const { type, name, at } of fields(bytes)) {
    if (name === 'id') id = bytes.readBigInt64LE(at)
    if (type === arrayType) changes = documents(bytes.subarray(at, at + bytes.readInt32LE(at)))
  }
  return { id, changes }
}

function documents(array: Buffer): Uint8Array[] {
  const found: Uint8Array[] = []
  for (let at = 4; array[at] === documentType;) {
    const begin = array.indexOf(0, at + 1) + 1
    at = begin + array.readInt32LE(begin)
    found.push(array.subarray(begin, at))
  }
  return found
}

function* fields(document: Buffer) {
  for (let next = 4; document[next] !== 0;) {
    const type = document[next]!
    const end = document.indexOf(0, next + 1)
    const at = end + 1
    yield { type, name: document.toString('latin1', next + 1, end), at }
    next = at + sizeOf(type, document, at)
  }
}

function sizeOf(type: number, document: Buffer, at: number): number {
  if (type === stringType) return 4 + document.readInt32LE(at)
  if (type === documentType || type === arrayType) return document.readInt32LE(at)
  // What else a cursor has are int64 and timestamps.
  return type === booleanType ? 1 : 8
}
