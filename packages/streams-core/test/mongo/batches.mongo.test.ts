import { setTimeout as delay } from 'node:timers/promises'
import type { CommandFailedEvent, MongoServerError } from 'mongodb'
import { expect, inject, test } from 'vitest'
import { guardedInc, insertOnce, transition, unguarded } from '../../src/guards/index.js'
import type { Write } from '../../src/index.js'
import { type TestDatabase, testDatabase } from '../../src/testing/index.js'
import { type Source, anchored, backlog, transactionsOf, workedOff } from './projected.js'
import type { Change } from '../../src/index.js'

const idOf = (change: Change<Source>) => change.documentKey?._id as number
const target = (place: TestDatabase) => place.db.collection<{ _id: number | string; n: number }>('target')
const inserted = (id: number): Write => ({ target: 'target', insertOne: { document: { _id: id } } })
const state = async (place: TestDatabase) =>
  (await place.db.collection<{ _id: string; [field: string]: unknown }>('stream').findOne({ _id: 's' }))!

test('rule 15: a backlog of 2,500 changes is three transactions of up to 1,000, each with the checkpoint first', async () => {
  await using place = await testDatabase(inject('mongoUri'))
  await anchored(place)
  await backlog(place, 2500)
  const { wrote, summary } = await workedOff(place, { project: (change) => [inserted(idOf(change))] })
  expect(summary).toMatchObject({ handled: 2500 })
  const transactions = transactionsOf(wrote)
  // What comes first is not held back until a batch is full: one small transaction more at the most.
  expect(transactions.length).toBeGreaterThanOrEqual(3)
  expect(transactions.length).toBeLessThanOrEqual(5)
  for (const [first, second, ...more] of transactions) {
    expect(first).toBe('stream 1')
    expect(second).toMatch(/^target \d+$/)
    expect(Number(second!.split(' ')[1])).toBeLessThanOrEqual(1000)
    expect(more).toEqual([])
  }
  expect(transactions.some(([, second]) => second === 'target 1000')).toBe(true)
  expect(wrote.filter(({ collection, transaction }) => collection === 'target' && transaction === null)).toEqual([])
  expect(await target(place).countDocuments()).toBe(2500)
})

test('rule 18: 1,000 changes that insert and update by turns are one command with guards, and as many commands as writes without', async () => {
  await using place = await testDatabase(inject('mongoUri'))
  await anchored(place)
  const commands = async (
    project: (id: number, context: { readonly token: string; readonly stream: string }) => Write,
    first: number,
  ) => {
    await target(place).updateOne({ _id: 'sum' }, { $setOnInsert: { n: 0 } }, { upsert: true })
    await backlog(place, 1000, first)
    const { wrote, summary } = await workedOff(place, { project: (change, context) => [project(idOf(change), context)] })
    expect(summary).toMatchObject({ handled: 1000 })
    return wrote.filter(({ collection }) => collection === 'target').length
  }
  const guarded = await commands(
    (id, context) =>
      id % 2 === 0
        ? insertOnce({ target: 'target', document: { _id: id, n: 1 } })
        : guardedInc(context, { target: 'target', filter: { _id: 'sum' }, inc: { n: 1 } }),
    0,
  )
  // Two transactions, should the first changes have come by themselves.
  expect(guarded).toBeLessThanOrEqual(3)
  const naive = await commands(
    (id) =>
      id % 2 === 0
        ? { target: 'target', insertOne: { document: { _id: id, n: 1 } } }
        : { target: 'target', updateOne: { filter: { _id: 'sum' }, update: { $inc: { n: 1 } } } },
    1000,
  )
  expect(naive).toBe(1000)
  expect(await target(place).findOne({ _id: 'sum' })).toMatchObject({ n: 1000 })
  expect(await target(place).countDocuments()).toBe(1001)
})

test('rule 19: within a collection a batch keeps the order of the changes; between collections it does not, one after the other', async () => {
  await using place = await testDatabase(inject('mongoUri'))
  await anchored(place)
  await backlog(place, 300)
  const targets = { first: { collection: 'first' }, second: { collection: 'second' } }
  const feed = place.db.watch([{ $match: { 'ns.coll': { $in: ['first', 'second'] } } }])
  await feed.tryNext()
  // Odd changes write `first`, even ones `second`: in stream order they alternate.
  const { summary } = await workedOff(place, {
    targets,
    project: (change) => [
      { target: idOf(change) % 2 === 1 ? 'first' : 'second', insertOne: { document: { _id: idOf(change) } } },
    ],
  })
  expect(summary).toMatchObject({ handled: 300 })
  const seen: { readonly collection: string; readonly id: number }[] = []
  while (seen.length < 300) {
    const change = await feed.next()
    if (change.operationType === 'insert') seen.push({ collection: change.ns.coll, id: Number(change.documentKey._id) })
  }
  await feed.close()
  for (const collection of ['first', 'second']) {
    const ids = seen.filter((one) => one.collection === collection).map(({ id }) => id)
    expect(ids).toEqual([...ids].sort((a, b) => a - b))
  }
  const ids = seen.map(({ id }) => id)
  expect(ids).not.toEqual([...ids].sort((a, b) => a - b))
})

test('rule 17: a write in the midst of a batch that the server refuses is found: what stands before it is committed, its own token is named, and the next run begins there', async () => {
  const poisons: Record<
    string,
    (place: TestDatabase) => { readonly write: (id: number) => Write; readonly prepare: () => Promise<unknown> }
  > = {
    'another unique key': (place) => ({
      write: (id) => insertOnce({ target: 'target', document: { _id: id, nombre: id === 137 ? 'taken' : `${id}` } }),
      prepare: async () => {
        await target(place).createIndex({ nombre: 1 }, { unique: true })
        await place.db.collection<{ _id: string }>('target').insertOne({ _id: 'other', nombre: 'taken' } as never)
      },
    }),
    'a validator': (place) => ({
      write: (id) => ({ target: 'target', insertOne: { document: { _id: id, n: id === 137 ? -1 : 1 } } }),
      prepare: () => place.db.createCollection('target', { validator: { n: { $not: { $lt: 0 } } } }),
    }),
    'an update of another type': (place) => ({
      write: (id) => ({
        target: 'target',
        updateOne: { filter: { _id: id === 137 ? 'text' : 'sum' }, update: { $inc: { n: 1 } }, upsert: true },
      }),
      prepare: () => place.db.collection<{ _id: string; n: string }>('target').insertOne({ _id: 'text', n: 'none' }),
    }),
    'a document that the driver does not send': () => ({
      write: (id) => ({
        target: 'target',
        insertOne: { document: { _id: id, text: id === 137 ? 'x'.repeat(17 * 1024 * 1024) : '' } },
      }),
      prepare: async () => undefined,
    }),
    'a projection that throws': () => ({
      write: (id) => {
        if (id === 137) throw new RangeError('broken')
        return inserted(id)
      },
      prepare: async () => undefined,
    }),
  }
  for (const [what, make] of Object.entries(poisons)) {
    await using place = await testDatabase(inject('mongoUri'))
    const { write, prepare } = make(place)
    await prepare()
    await anchored(place)
    await backlog(place, 300)
    const handled: number[] = []
    const tokens = new Map<number, string>()
    const { error } = await workedOff(place, {
      project(change, context) {
        tokens.set(idOf(change), context.token)
        return [write(idOf(change))]
      },
    })
    expect(error).toMatchObject({
      code: 'HANDLER_FAILED',
      details: { token: tokens.get(137), attempts: what === 'another unique key' ? 2 : 1 },
    })
    expect(await state(place)).toMatchObject({ token: tokens.get(136), highest: tokens.get(136) })
    // Mended, the stream goes on with that very change, and does each of the rest once.
    const { summary } = await workedOff(place, {
      project(change) {
        handled.push(idOf(change))
        return []
      },
    })
    expect(summary).toMatchObject({ handled: 163 })
    expect(handled[0]).toBe(137)
  }
}, 120_000)

test('rule 17: what stands before a poisoned change is done once and nothing behind it, in a transaction and with guards outside of one', async () => {
  for (const delivery of ['transaction', 'bulk'] as const) {
    await using place = await testDatabase(inject('mongoUri'))
    await target(place).createIndex({ nombre: 1 }, { unique: true })
    await place.db.collection<{ _id: string }>('target').insertOne({ _id: 'other', nombre: 'taken' } as never)
    await target(place).insertOne({ _id: 'sum', n: 0 })
    await anchored(place)
    await backlog(place, 300)
    const { error } = await workedOff(place, {
      delivery,
      project: (change, context) => [
        idOf(change) === 137
          ? insertOnce({ target: 'target', document: { _id: 137, nombre: 'taken' } })
          : guardedInc(context, { target: 'target', filter: { _id: 'sum' }, inc: { n: 1 } }),
      ],
    })
    expect(error).toMatchObject({ code: 'HANDLER_FAILED', cause: { code: 11000 } })
    expect(await target(place).findOne({ _id: 'sum' })).toMatchObject({ n: 137 })
  }
})

test('rule 15: mode last is refused outside a transaction: what stands before a poisoned change is written again there, and counts twice without any crash', async () => {
  const added = async (mode: 'ordered' | 'last', marked: (write: Write) => Write) => {
    await using place = await testDatabase(inject('mongoUri'))
    await place.db.createCollection('target', { validator: { n: { $gte: 0 } } })
    await target(place).insertOne({ _id: 'sum', n: 0 })
    await anchored(place)
    await backlog(place, 300)
    const { error } = await workedOff(place, {
      delivery: 'bulk',
      project: (change, context) => [
        idOf(change) === 137
          ? insertOnce({ target: 'target', document: { _id: 137, n: -1 } })
          : marked(guardedInc(context, { target: 'target', filter: { _id: 'sum' }, inc: { n: 1 }, mode })),
      ],
    })
    return { error, n: (await target(place).findOne({ _id: 'sum' }))!.n }
  }
  const refused = await added('last', (write) => write)
  expect(refused.error).toMatchObject({
    code: 'HANDLER_FAILED',
    cause: { code: 'INVALID_STREAM', message: expect.stringContaining('delivery is bulk') as string },
  })
  expect(refused.n).toBe(0)
  expect(await added('ordered', (write) => write)).toMatchObject({ error: { cause: { code: 121 } }, n: 137 })
  // Let through, it is wrong.
  const naive = await added('last', ({ guard: _guard, ...write }) => unguarded(write))
  expect(naive).toMatchObject({ error: { cause: { code: 121 } } })
  expect(naive.n).toBeGreaterThan(137)
})

test('rule 17: the poisoned change is found also where the projection returns the very same write for each of them', async () => {
  await using place = await testDatabase(inject('mongoUri'))
  await place.db.createCollection('target', { validator: { n: { $gte: 0 } } })
  await target(place).insertOne({ _id: 'seats', n: 50 })
  await anchored(place)
  await backlog(place, 100)
  const taken = { target: 'target', updateOne: { filter: { _id: 'seats' }, update: { $inc: { n: -1 } } } }
  const tokens: string[] = []
  const { error } = await workedOff(place, {
    project(_change, context) {
      tokens.push(context.token)
      return [taken]
    },
  })
  expect(error).toMatchObject({ code: 'HANDLER_FAILED', details: { token: tokens[50] } })
  expect(await target(place).findOne({ _id: 'seats' })).toMatchObject({ n: 0 })
})

test('rule 16: a mass update stands between what came before and what comes after, outside a transaction, with its checkpoint behind it', async () => {
  await using place = await testDatabase(inject('mongoUri'))
  await anchored(place)
  await backlog(place, 301)
  const { wrote, summary } = await workedOff(place, {
    project: (change) =>
      idOf(change) === 150
        ? [transition({ target: 'target', filter: {}, field: 'estado', from: 'A', to: 'C', many: true })]
        : [{ target: 'target', insertOne: { document: { _id: idOf(change), estado: 'A' } } }],
  })
  expect(summary).toMatchObject({ handled: 301 })
  // All that were there by then, and only they.
  expect(await place.db.collection('target').countDocuments({ estado: 'C' })).toBe(150)
  expect(await place.db.collection<{ _id: number }>('target').countDocuments({ estado: 'C', _id: { $lt: 150 } })).toBe(150)
  const outside = wrote.filter(({ transaction }) => transaction === null)
  const mass = outside.findIndex(({ collection }) => collection === 'target')
  expect(outside.filter(({ collection }) => collection === 'target')).toHaveLength(1)
  expect(outside[mass + 1]).toMatchObject({ collection: 'stream', models: 1 })
  const at = wrote.indexOf(outside[mass]!)
  const models = (commands: typeof wrote) =>
    commands
      .filter(({ collection, transaction }) => collection === 'target' && transaction !== null)
      .reduce((sum, one) => sum + one.models, 0)
  expect(models(wrote.slice(0, at))).toBe(150)
  expect(models(wrote.slice(at))).toBe(150)
})

interface Rival extends AsyncDisposable {
  /** To be told what of the worker the server refuses. */
  readonly refused: (event: CommandFailedEvent) => void
  readonly done: () => number
}

/** Somebody who updates one document again and again, in transactions; the first stays open until the worker has met it twice. */
async function rival(place: TestDatabase): Promise<Rival> {
  const stop = new AbortController()
  let met = 0
  let done = 0
  let letGo = () => {}
  const held = new Promise<void>((resolve) => (letGo = resolve))
  const session = place.client.startSession()
  const update = async () => {
    session.startTransaction()
    await target(place).updateOne({ _id: 'sum' }, { $inc: { customers: 1 } }, { session })
  }
  await update()
  const busy = (async () => {
    await using _session = session
    await held
    await session.commitTransaction()
    for (done = 1; !stop.signal.aborted; await delay(1)) {
      try {
        await update()
        await delay(5)
        await session.commitTransaction()
        done += 1
      } catch {
        if (session.inTransaction()) await session.abortTransaction()
      }
    }
  })()
  return {
    refused: ({ failure }) => {
      if ((failure as MongoServerError).code === 112) met += 1
      if (met === 2) letGo()
    },
    done: () => done,
    async [Symbol.asyncDispose]() {
      stop.abort()
      letGo()
      await busy
    },
  }
}

test('rule 15: beside customers who write the same document, a batch with guards leaves the transaction and does each change once', async () => {
  await using place = await testDatabase(inject('mongoUri'))
  await target(place).insertOne({ _id: 'sum', n: 0 })
  await anchored(place)
  await backlog(place, 3000)
  await using customers = await rival(place)
  const { wrote, summary } = await workedOff(
    place,
    {
      project: (change, context) => [
        insertOnce({ target: 'target', document: { _id: idOf(change) } }),
        guardedInc(context, { target: 'target', filter: { _id: 'sum' }, inc: { n: 1 } }),
      ],
    },
    customers.refused,
  )
  expect(summary).toMatchObject({ handled: 3000 })
  expect(await target(place).findOne({ _id: 'sum' })).toMatchObject({ n: 3000 })
  expect(wrote.some(({ collection, transaction }) => collection === 'target' && transaction === null)).toBe(true)
  expect(customers.done()).toBeGreaterThan(0)
})

test('rule 15: beside customers a batch without guards gets smaller until it gets through, and does each change once', async () => {
  await using place = await testDatabase(inject('mongoUri'))
  await target(place).insertOne({ _id: 'sum', n: 0 })
  await anchored(place)
  await backlog(place, 400)
  await using customers = await rival(place)
  const { wrote, summary } = await workedOff(
    place,
    {
      project: (change) => [
        ...Array.from({ length: 10 }, (_, index) => ({
          target: 'target',
          insertOne: { document: { _id: `${idOf(change)} ${index}` } },
        })),
        { target: 'target', updateOne: { filter: { _id: 'sum' }, update: { $inc: { n: 1 } } } },
      ],
      retry: { attempts: 1 },
    },
    customers.refused,
  )
  expect(customers.done()).toBeGreaterThan(0)
  expect(summary).toMatchObject({ handled: 400 })
  expect(await target(place).findOne({ _id: 'sum' })).toMatchObject({ n: 400 })
  expect(await target(place).countDocuments()).toBe(4001)
  expect(wrote.filter(({ collection, transaction }) => collection === 'target' && transaction === null)).toEqual([])
})
