import { type Document, Timestamp } from 'mongodb'
import { expect, inject, test } from 'vitest'
import {
  type Applied,
  alive,
  apply,
  applyOnce,
  expectedVersion,
  guardedInc,
  insertOnce,
  transition,
  unguarded,
  upsertProjection,
} from '../../src/guards/index.js'
import { type TestDatabase, testDatabase } from '../../src/testing/index.js'
import type { Write } from '../../src/write.js'

// The counter-examples of docs/idempotency.md, each beside what helps.
const filter = { _id: 'a' }
const contextOf = (token: string, stream = 's') => ({ stream, token, clusterTime: new Timestamp({ t: 1, i: 1 }) })

async function withTarget(
  initial: Document | null,
  run: (database: TestDatabase, found: () => Promise<Document | null>) => Promise<void>,
) {
  await using database = await testDatabase(inject('mongoUri'))
  const target = database.db.collection('t')
  if (initial !== null) await target.insertOne({ ...filter, ...initial } as never)
  await run(database, async () => await target.findOne(filter as Document, { projection: { _id: 0, tokens: 0 } }))
}
async function done({ db }: TestDatabase, writes: readonly Write[]): Promise<Applied[]> {
  const results: Applied[] = []
  for (const write of writes)
    results.push(await apply({ target: <D extends Document>(alias: string) => db.collection<D>(alias) }, write))
  return results
}
const inc = (token: string, n = 1, mode: 'ordered' | 'last' = 'ordered') =>
  guardedInc(contextOf(token), { target: 't', filter, inc: { n }, mode })
async function ledger(database: TestDatabase, ...tokens: string[]): Promise<void> {
  const target = <D extends Document>(alias: string) => database.db.collection<D>(alias)
  for (const token of tokens)
    await applyOnce({ ...contextOf(token), target }, { ledger: 'ledger' }, async (within) => {
      await apply(within, { target: 't', updateOne: { filter, update: { $inc: { n: 1 } } } })
    })
}

test('a skip that is undone: the ordered guard takes what was jumped over for repeats; a ledger does not', async () => {
  // The first is handled, two are jumped over, the fourth is handled, and then the skip is undone.
  const tokens = ['8201', '8204', '8202', '8203', '8204']
  await withTarget({ n: 0 }, async (database, found) => {
    const results = await done(
      database,
      tokens.map((token) => inc(token)),
    )
    expect(results).toEqual(['applied', 'applied', 'duplicate', 'duplicate', 'duplicate'])
    expect(await found()).toEqual({ n: 2 })
  })
  await withTarget({ n: 0 }, async (database, found) => {
    await database.db.createCollection('ledger')
    await ledger(database, ...tokens)
    expect(await found()).toEqual({ n: 4 })
  })
})

test('another cluster, tokens that are lower: new changes are refused as duplicates in silence, until the guard’s field is unset', async () => {
  await withTarget({ n: 0 }, async (database, found) => {
    expect(await done(database, [inc('8266'), inc('8265AA'), inc('8265AB')])).toEqual(['applied', 'duplicate', 'duplicate'])
    expect(await found()).toEqual({ n: 1 })
    await database.db.collection('t').updateMany({}, { $unset: { 'tokens.s': '' } })
    expect(await done(database, [inc('8265AA'), inc('8265AB'), inc('8265AA')])).toEqual(['applied', 'applied', 'duplicate'])
    expect(await found()).toEqual({ n: 3 })
  })
  await withTarget(null, async (database, found) => {
    const put = (token: string, n: number) => upsertProjection(contextOf(token), { target: 't', key: filter, document: { n } })
    await done(database, [put('8266', 1), put('8265', 2)])
    expect(await found()).toEqual({ n: 1 })
  })
})

test('another cluster, tokens that are higher: the same change is done twice by what compares tokens', async () => {
  for (const mode of ['ordered', 'last'] as const)
    await withTarget({ n: 0 }, async (database, found) => {
      expect(await done(database, [inc('8266', 1, mode), inc('8267', 1, mode)])).toEqual(['applied', 'applied'])
      expect(await found()).toEqual({ n: 2 })
    })
  await withTarget({ n: 0 }, async (database, found) => {
    await database.db.createCollection('ledger')
    await ledger(database, '8266', '8267')
    expect(await found()).toEqual({ n: 2 })
  })
})

test('insertOnce and a delete: the replay of the insert alone brings the dead document back; upsertProjection does not', async () => {
  await withTarget(null, async (database, found) => {
    const insert = insertOnce({ target: 't', document: { ...filter, n: 1 } })
    const remove = unguarded({ target: 't', deleteOne: { filter } })
    expect(await done(database, [insert, remove, insert])).toEqual(['applied', 'applied', 'applied'])
    expect(await found()).toEqual({ n: 1 })
  })
  await withTarget(null, async (database) => {
    const insert = upsertProjection(contextOf('8201'), { target: 't', document: { ...filter, n: 1 } })
    const remove = upsertProjection(contextOf('8202'), { target: 't', key: filter, document: null })
    expect(await done(database, [insert, remove, insert])).toEqual(['applied', 'applied', 'duplicate'])
    expect(await database.db.collection('t').countDocuments(alive())).toBe(0)
  })
})

test('a transition whose state comes back: the first closing closes a reopened order again, one document or many', async () => {
  for (const many of [false, true])
    await withTarget({ estado: 'open' }, async (database, found) => {
      const step = (from: string, to: string) => transition({ target: 't', filter, field: 'estado', from, to, many })
      const close = step('open', 'closed')
      expect(await done(database, [close, step('closed', 'open'), close])).toEqual(['applied', 'applied', 'applied'])
      expect(await found()).toEqual({ estado: 'closed' })
    })
})

test('two numberings of versions in one field: the second source’s version is taken for a repeat; a field each helps', async () => {
  const version = (n: number, by: string, field: string) =>
    expectedVersion({ target: 't', key: filter, version: n, field, update: { $set: { [by]: n } } })
  await withTarget(null, async (database, found) => {
    expect(await done(database, [version(1, 'a', 'v'), version(1, 'b', 'v')])).toEqual(['applied', 'duplicate'])
    expect(await found()).toEqual({ a: 1, v: 1 })
  })
  await withTarget(null, async (database, found) => {
    expect(await done(database, [version(1, 'a', 'va'), version(1, 'b', 'vb')])).toEqual(['applied', 'applied'])
    expect(await found()).toEqual({ a: 1, b: 1, va: 1, vb: 1 })
  })
})

test('one projection of two streams: the older change of one replaces the newer one of the other; fields of their own, kept, help', async () => {
  const put = (stream: string, token: string, document: Document, keep: string[] = []) =>
    upsertProjection(contextOf(token, stream), { target: 't', key: filter, document, keep })
  await withTarget(null, async (database, found) => {
    await done(database, [put('a', '8202', { n: 'newer' }), put('b', '8201', { n: 'older' })])
    expect(await found()).toEqual({ n: 'older' })
  })
  await withTarget(null, async (database, found) => {
    await done(database, [put('a', '8202', { a: 'newer' }, ['b']), put('b', '8201', { b: 'older' }, ['a'])])
    expect(await found()).toEqual({ a: 'newer', b: 'older' })
  })
})

test('an entry of the ledger that has expired: the replay of its change does the effect twice', async () => {
  await withTarget({ n: 0 }, async (database, found) => {
    await database.db.createCollection('ledger')
    await ledger(database, '8201', '8201')
    expect(await found()).toEqual({ n: 1 })
    // What the server does when the time of ledgerExpiry is over.
    await database.db.collection('ledger').deleteMany({})
    await ledger(database, '8201')
    expect(await found()).toEqual({ n: 2 })
  })
})

test('unguarded: the replay of an old $set alone leaves the old value', async () => {
  await withTarget({ precio: 0 }, async (database, found) => {
    const set = (precio: number) => unguarded({ target: 't', updateOne: { filter, update: { $set: { precio } } } })
    await done(database, [set(10), set(12), set(10)])
    expect(await found()).toEqual({ precio: 10 })
  })
})
