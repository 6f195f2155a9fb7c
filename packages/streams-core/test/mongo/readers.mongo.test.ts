import { createHash } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import {
  BSON,
  BSONRegExp,
  BSONSymbol,
  Binary,
  Code,
  DBRef,
  Decimal128,
  type Document,
  Double,
  Int32,
  Long,
  MaxKey,
  MinKey,
  MongoClient,
  type MongoClientOptions,
  ObjectId,
  Timestamp,
  UUID,
} from 'mongodb'
import { expect, inject, test } from 'vitest'
import { defineStream } from '../../src/index.js'
import { mongoChangeSource } from '../../src/mongo/changeSource.js'
import { possibleReader } from '../../src/mongo/possibleReader.js'
import type { Delivered } from '../../src/ports.js'
import type { Position } from '../../src/core/position.js'
import type { Stream } from '../../src/stream.js'
import { type TestDatabase, testDatabase } from '../../src/testing/index.js'

const never = new AbortController().signal
const keys = [
  1.5,
  new Double(2),
  new Int32(3),
  Long.fromString('9007199254740993'),
  Decimal128.fromString('2.50'),
  Decimal128.fromString('NaN'),
  'text',
  '',
  new ObjectId(),
  new Date(0),
  new UUID(),
  { a: new Double(1), b: 'c' },
  true,
  new Timestamp({ t: 1, i: 2 }),
]

const values: Document = {
  nothing: null,
  undefined: undefined,
  long: Long.fromString('9007199254740993'),
  small: Long.fromNumber(5),
  int: new Int32(7),
  double: new Double(7),
  decimal: Decimal128.fromString('0.1'),
  bytes: new Binary(Buffer.from([1, 2, 3])),
  uuid: new UUID(),
  pattern: /a+b/i,
  bson: new BSONRegExp('x', 'i'),
  code: new Code('return 1', { x: 1 }),
  symbol: new BSONSymbol('s'),
  reference: new DBRef('other', new ObjectId()),
  ends: [new MinKey(), new MaxKey()],
  nested: { deep: [{ deeper: ['é', '漢字', '\u{1F600}'] }] },
  when: new Date(1_700_000_000_000),
}

/** Writes of every kind. Returns how many changes they are. */
async function work({ client, db }: TestDatabase): Promise<number> {
  const watched = db.collection<{ _id: string }>('watched')
  for (const _id of keys) await watched.insertOne({ _id, n: 1 } as never)
  await watched.insertOne({ _id: 'values', ...values }, { ignoreUndefined: false })
  for (const _id of keys) await watched.updateOne({ _id: _id as string }, { $set: { n: 2 } })
  await watched.updateOne({ _id: 'values' }, { $unset: { nothing: 1 }, $set: { 'nested.deep.0.more': new Double(1) } })
  await watched.updateOne({ _id: 'values' }, [{ $set: { ends: { $slice: ['$ends', 1] } } }])
  await watched.replaceOne({ _id: 'values' }, { other: Long.fromNumber(1) })
  await watched.deleteOne({ _id: 'values' })
  const session = client.startSession()
  await session.withTransaction(async () => {
    // More than a batch, at one cluster time.
    await watched.insertMany(
      Array.from({ length: 1200 }, (_, i) => ({ _id: (i + 100.5) as never })),
      { session },
    )
  })
  await session.endSession()
  return keys.length * 2 + 1 + 4 + 1200
}

/** `count` changes from a position on, or, when there are fewer, all up to the invalidate. */
async function read(
  client: MongoClient,
  database: string,
  reader: 'own' | 'driver',
  from: Position,
  count: number,
  options: Partial<Pick<Stream, 'pipeline' | 'fullDocument'>> = {},
) {
  const stream = { ...defineStream({ name: 's', handle: () => undefined }), ...options }
  const source = mongoChangeSource(stream, { client, database, collection: 'watched' }, { reader })
  await using reading = await source.open(from)
  expect(source.reader).toBe(reader)
  const changes: Delivered[] = []
  let end: Position | null = null
  while (end === null && changes.length < count) {
    const read = await reading.next(never)
    if (read.kind === 'invalidated') end = read.position
    if (read.kind === 'changes') changes.push(...read.changes)
  }
  return { changes, end }
}

/** What tells changes apart byte for byte, without printing megabytes when they differ. */
const bytesOf = (changes: readonly Delivered[]) =>
  changes.map(({ change, position }) => [
    change.operationType,
    createHash('sha256').update(BSON.serialize(change)).digest('hex'),
    position,
  ])

/** Pairs that are not equal; expect's own comparison takes seconds for thousands. */
const differing = (some: readonly unknown[], others: readonly unknown[]) =>
  Array.from({ length: Math.max(some.length, others.length) }, (_, i) => [some[i], others[i]]).filter(
    ([a, b]) => !isDeepStrictEqual(a, b),
  )

async function anchored(place: TestDatabase) {
  await place.db.createCollection('watched')
  const source = mongoChangeSource(defineStream({ name: 's', handle: () => undefined }), {
    client: place.client,
    database: place.name,
    collection: 'watched',
  })
  return await source.anchor('now')
}

const clientOptions: [name: string, options: MongoClientOptions][] = [
  ['no options', {}],
  ['promoteValues false', { promoteValues: false }],
  ['promoteLongs false', { promoteLongs: false }],
  ['useBigInt64', { useBigInt64: true }],
  ['promoteBuffers and bsonRegExp', { promoteBuffers: true, bsonRegExp: true }],
  ['enableUtf8Validation false and ignoreUndefined', { enableUtf8Validation: false, ignoreUndefined: true }],
  ['compression and the stable API', { compressors: ['zlib'], serverApi: { version: '1' } }],
  ['a timeoutMS', { timeoutMS: 30_000 }],
]

test.each(clientOptions)('both readers give the same changes, positions and end to a client with %s', async (_, options) => {
  await using place = await testDatabase(inject('mongoUri'))
  await using client = new MongoClient(place.uri, options)
  const from = await anchored(place)
  const count = await work(place)
  const compare = async (upTo: number, fullDocument: Stream['fullDocument']) => {
    const own = await read(client, place.name, 'own', from, upTo, { fullDocument })
    const driver = await read(client, place.name, 'driver', from, upTo, { fullDocument })
    expect(differing(bytesOf(own.changes), bytesOf(driver.changes))).toEqual([])
    // Bytes do not tell a Long from a bigint.
    const valuesOf = ({ changes }: typeof own) => changes.map(({ change }) => change)
    expect(differing(valuesOf(own), valuesOf(driver))).toEqual([])
    expect(own.end).toEqual(driver.end)
    return own
  }
  for (const fullDocument of ['default', 'updateLookup'] as const)
    expect((await compare(count, fullDocument)).changes).toHaveLength(count)
  await place.admin.collection('watched').drop()
  const { changes, end } = await compare(Infinity, 'default')
  expect(changes).toHaveLength(count + 1)
  expect(end).not.toBeNull()
})

test('a change has the size of its BSON, and its position is known without decoding, type bits and a pipeline’s order of fields included', async () => {
  await using place = await testDatabase(inject('mongoUri'))
  const from = await anchored(place)
  const count = await work(place)
  await using exactly = new MongoClient(place.uri, { promoteValues: false })
  const pipelines = [
    [],
    [{ $replaceRoot: { newRoot: { $mergeObjects: [{ first: 1 }, '$$ROOT'] } } }],
    [{ $project: { documentKey: 1 } }],
  ]
  for (const pipeline of pipelines) {
    const { changes } = await read(place.client, place.name, 'own', from, count, { pipeline })
    const driver = await read(place.client, place.name, 'driver', from, count, { pipeline })
    const positions = changes.map(({ position }) => position)
    expect(positions).toEqual(driver.changes.map(({ position }) => position))
    expect(bytesOf(changes)).toEqual(bytesOf(driver.changes))
    expect(positions.some(({ typeBits }) => typeBits !== undefined)).toBe(true)
    // Asked again after the bytes were given away.
    expect(changes.map(({ position }) => position)).toEqual(positions)
    // What the client promotes takes another number of bytes.
    const exact = await read(exactly, place.name, 'driver', from, count, { pipeline })
    expect(changes.map(({ bytes }) => bytes)).toEqual(exact.changes.map(({ bytes }) => bytes))
  }
})

test('changes of which two do not fit into one reply come one by one', async () => {
  await using place = await testDatabase(inject('mongoUri'))
  const from = await anchored(place)
  for (const _id of ['a', 'b', 'c'])
    await place.db.collection('watched').insertOne({ _id, filler: Buffer.alloc(9_000_000, 7) } as never)
  const own = await read(place.client, place.name, 'own', from, 3)
  const driver = await read(place.client, place.name, 'driver', from, 3)
  expect(bytesOf(own.changes)).toEqual(bytesOf(driver.changes))
})

test('the driver reads where our own commands would not be pinned to one server, and where it has to decrypt', async () => {
  const primary = { setName: 'rs0', isWritablePrimary: true }
  const mongos = { msg: 'isdbgrid', isWritablePrimary: true }
  expect(possibleReader(primary, false)).toBe('own')
  expect(possibleReader(mongos, false)).toBe('driver')
  expect(possibleReader({ ...primary, isWritablePrimary: false }, false)).toBe('driver')
  expect(possibleReader(primary, true)).toBe('driver')
})
