import { type Document, Timestamp } from 'mongodb'
import { expect, inject, test } from 'vitest'
import {
  alive,
  apply,
  applyOnce,
  expectedVersion,
  guardedUpdate,
  isVersionTooEarly,
  oncePerChange,
  upsertProjection,
} from '../../src/guards/index.js'
import { isStreamError } from '../../src/streamError.js'
import { isInfrastructure } from '../../src/core/infrastructure.js'
import { type TestDatabase, testDatabase } from '../../src/testing/index.js'
import { caught } from '../admin/setting.js'

const open = () => testDatabase(inject('mongoUri'))
const contextOf = ({ db }: TestDatabase, token = '82A', stream = 's') => ({
  stream,
  token,
  clusterTime: new Timestamp({ t: 1_700_000_000, i: 1 }),
  target: <D extends Document>(alias: string) => db.collection<D>(alias),
})
const version = (
  n: number,
  change: { update: Document | Document[] } | { document: Document } = { update: { $inc: { saldo: n } } },
) => expectedVersion({ target: 'replica', key: { _id: 'a' }, version: n, ...change })

test('versions are applied in order, and a repeat of any of them is a duplicate', async () => {
  await using database = await open()
  const context = contextOf(database)
  const results = []
  for (const n of [1, 2, 2, 1, 3, 1]) results.push(await apply(context, version(n)))
  expect(results).toEqual(['applied', 'applied', 'duplicate', 'duplicate', 'applied', 'duplicate'])
  expect(await database.db.collection('replica').find().toArray()).toEqual([{ _id: 'a', saldo: 6, version: 3 }])
})

test('a version that comes too early is an error worth another attempt, and writes nothing', async () => {
  await using database = await open()
  const context = contextOf(database)
  const early = await caught(apply(context, version(2)))
  expect(early).toMatchObject({ name: 'VersionTooEarlyError', message: expect.stringContaining('on "replica"') as string })
  expect([isVersionTooEarly(early), isStreamError(early), isInfrastructure(early)]).toEqual([true, false, false])
  expect(await database.db.collection('replica').countDocuments()).toBe(0)
  await apply(context, version(1))
  expect(isVersionTooEarly(await caught(apply(context, version(3))))).toBe(true)
  expect(await apply(context, version(2))).toBe('applied')
  expect(await apply(context, version(3))).toBe('applied')
  expect(await database.db.collection('replica').findOne()).toEqual({ _id: 'a', saldo: 6, version: 3 })
})

test('a document that came into the replica without a number of its version is never taken for a later one', async () => {
  await using database = await open()
  const replica = database.db.collection<{ _id: string; version?: unknown }>('replica')
  const context = contextOf(database)
  for (const found of ['7', ['7'], { n: 7 }, true, new Date()]) {
    await replica.replaceOne({ _id: 'a' }, { version: found }, { upsert: true })
    expect(isVersionTooEarly(await caught(apply(context, version(2))))).toBe(true)
  }
  await replica.replaceOne({ _id: 'a' }, {})
  expect(await apply(context, version(1))).toBe('applied')
})

test('a version may be the whole document, its changed fields, or computed from the one before; values are never read as expressions', async () => {
  await using database = await open()
  const replica = database.db.collection('replica')
  const context = contextOf(database)
  await apply(context, version(1, { document: { _id: 'a', version: 1, nombre: '$version', viejo: { a: 1 }, lista: [1] } }))
  expect(await replica.findOne()).toEqual({ _id: 'a', version: 1, nombre: '$version', viejo: { a: 1 }, lista: [1] })
  await apply(context, version(2, { update: { $set: { 'viejo.b': { $gt: 1 }, lista: ['$$ROOT'] }, $unset: { nombre: true } } }))
  expect(await replica.findOne()).toEqual({ _id: 'a', version: 2, viejo: { a: 1, b: { $gt: 1 } }, lista: ['$$ROOT'] })
  await apply(context, version(3, { update: [{ $set: { doble: { $multiply: ['$viejo.a', 2] } } }, { $unset: 'lista' }] }))
  expect(await replica.findOne()).toMatchObject({ version: 3, doble: 2 })
  await apply(context, expectedVersion({ target: 'replica', key: { _id: 'a' }, version: 4, document: { x: 1 }, keep: ['doble'] }))
  expect(await replica.findOne()).toEqual({ _id: 'a', x: 1, doble: 2, version: 4 })
})

test('in a transaction a version that comes too early takes everything back; a repeat does not', async () => {
  await using database = await open()
  await database.db.createCollection('replica')
  await using session = database.client.startSession()
  const context = { ...contextOf(database), session }
  session.startTransaction()
  expect(await apply(context, version(1))).toBe('applied')
  expect(await apply(context, version(1))).toBe('duplicate')
  await session.commitTransaction()
  session.startTransaction()
  expect(await apply(context, version(2))).toBe('applied')
  expect(isVersionTooEarly(await caught(apply(context, version(9))))).toBe(true)
  await session.abortTransaction()
  expect(await database.db.collection('replica').findOne()).toMatchObject({ version: 1 })
})

const put = (database: TestDatabase, token: string, document: Document | null, more: object = {}) =>
  apply(
    contextOf(database, token),
    upsertProjection(contextOf(database, token), { target: 'vista', key: { _id: 'a' }, document, ...more }),
  )

test('newest wins in whatever order; what the newest does not have is gone', async () => {
  await using database = await open()
  const vista = database.db.collection('vista')
  expect(await put(database, '82B', { nombre: '$b', viejo: 1 })).toBe('applied')
  expect(await put(database, '82A', { nombre: 'a' })).toBe('duplicate')
  expect(await put(database, '82B', { nombre: 'b' })).toBe('duplicate')
  expect(await vista.findOne()).toEqual({ _id: 'a', nombre: '$b', viejo: 1, tokens: { s: '82B' } })
  expect(await put(database, '82C', { nombre: 'c' })).toBe('applied')
  expect(await vista.findOne()).toEqual({ _id: 'a', nombre: 'c', tokens: { s: '82C' } })
})

test('rule 23: a delete leaves a tombstone, and the replay of an older change does not raise the dead', async () => {
  await using database = await open()
  const vista = database.db.collection('vista')
  await put(database, '82A', { nombre: 'a' })
  expect(await put(database, '82B', null)).toBe('applied')
  expect(await put(database, '82B', null)).toBe('duplicate')
  expect(await put(database, '82A', { nombre: 'a' })).toBe('duplicate')
  expect(await vista.find().toArray()).toEqual([{ _id: 'a', tombstone: new Date(1_700_000_000_000), tokens: { s: '82B' } }])
  expect(await vista.countDocuments(alive({ _id: 'a' }))).toBe(0)
  expect(await put(database, '82C', { nombre: 'c' })).toBe('applied')
  expect(await vista.find(alive()).toArray()).toEqual([{ _id: 'a', nombre: 'c', tokens: { s: '82C' } }])
})

test('the naive version of rule 23: a delete that leaves nothing is undone by the replay of the insert before it', async () => {
  await using database = await open()
  const vista = database.db.collection('vista')
  await put(database, '82A', { nombre: 'a' })
  await vista.deleteOne({ _id: 'a' as never })
  await put(database, '82A', { nombre: 'a' })
  expect(await vista.countDocuments(alive())).toBe(1)
})

test('what other writers keep in a projection stays: their fields by `keep`, their tokens always', async () => {
  await using database = await open()
  const vista = database.db.collection('vista')
  const keep = { keep: ['visitas'] }
  await put(database, '82A', { nombre: 'a', visitas: 0 }, keep)
  await apply(
    contextOf(database),
    guardedUpdate({ stream: 'otro', token: '82B' }, { target: 'vista', filter: { _id: 'a' }, update: { $inc: { visitas: 5 } } }),
  )
  await put(database, '82C', { nombre: 'c', visitas: 0 }, keep)
  expect(await vista.findOne()).toEqual({ _id: 'a', nombre: 'c', visitas: 5, tokens: { s: '82C', otro: '82B' } })
  await put(database, '82D', null, keep)
  expect(await vista.findOne()).toMatchObject({ visitas: 5, tokens: { s: '82D', otro: '82B' } })
  await put(database, '82E', { nombre: 'e' })
  expect(await vista.findOne()).toEqual({ _id: 'a', nombre: 'e', tokens: { s: '82E', otro: '82B' } })
})

test('of many concurrent first upserts of one key the newest stays and none fails', async () => {
  await using database = await open()
  const vista = database.db.collection('vista')
  // The server itself tries again only where the filter names exactly the fields of the unique index.
  await vista.createIndex({ nombre: 1 }, { unique: true })
  const key = { nombre: 'a', lugar: 'b' }
  const tokens = Array.from({ length: 40 }, (_, i) => `82${10 + i}`)
  await Promise.all(tokens.map((token) => put(database, token, { token, n: 1 }, { key, field: 'guarda' })))
  expect(await vista.find({}, { projection: { _id: 0 } }).toArray()).toEqual([{ ...key, token: '8249', n: 1, guarda: '8249' }])
})

async function pay(database: TestDatabase, token: string, fail = false) {
  return await applyOnce(contextOf(database, token), { ledger: 'ledger' }, async (context) => {
    // No guard: the ledger is the guard.
    const inc = (target: string) =>
      apply(context, { target, updateOne: { filter: { _id: 'a' }, update: { $inc: { n: 1 } }, upsert: true } })
    await inc('pagos')
    if (fail) throw new Error('refused')
    await inc('saldos')
  })
}
const counted = async ({ db }: TestDatabase) =>
  await Promise.all(['pagos', 'saldos'].map(async (name) => (await db.collection(name).findOne())?.['n'] ?? 0))

test('the ledger and the effect are one: applied once, in several collections, or not at all', async () => {
  await using database = await open()
  for (const name of ['ledger', 'pagos', 'saldos']) await database.db.createCollection(name)
  await expect(pay(database, '82A', true)).rejects.toThrow('refused')
  expect(await counted(database)).toEqual([0, 0])
  expect(await database.db.collection('ledger').countDocuments()).toBe(0)
  expect([await pay(database, '82A'), await pay(database, '82A'), await pay(database, '829')]).toEqual([
    'applied',
    'duplicate',
    'applied',
  ])
  expect(await counted(database)).toEqual([2, 2])
  expect(await database.db.collection('ledger').findOne({ '_id.token': '82A' })).toMatchObject({
    at: expect.any(Date) as Date,
  })
})

test('two owners that do the effect of one change at the same time do it once', async () => {
  await using database = await open()
  for (const name of ['ledger', 'pagos', 'saldos']) await database.db.createCollection(name)
  const results = await Promise.all(Array.from({ length: 6 }, () => pay(database, '82A')))
  expect(results.filter((result) => result === 'applied')).toHaveLength(1)
  expect(await counted(database)).toEqual([1, 1])
})

test('within the caller’s transaction the ledger belongs to it', async () => {
  await using database = await open()
  for (const name of ['ledger', 'pagos', 'saldos']) await database.db.createCollection(name)
  await using session = database.client.startSession()
  session.startTransaction()
  const context = { ...contextOf(database), session }
  expect(await applyOnce(context, { ledger: 'ledger' }, async () => {})).toBe('applied')
  expect(await applyOnce(context, { ledger: 'ledger' }, async () => expect.fail('again'))).toBe('duplicate')
  await session.abortTransaction()
  expect(await database.db.collection('ledger').countDocuments()).toBe(0)
})

test('an entry of the ledger alone is no effect: apply refuses it', async () => {
  await using database = await open()
  const context = contextOf(database)
  await expect(apply(context, oncePerChange(context, { ledger: 'ledger' }))).rejects.toMatchObject({
    code: 'INVALID_OPTIONS',
    message: expect.stringContaining('use applyOnce') as string,
  })
})
