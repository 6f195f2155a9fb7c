import { type CommandStartedEvent, MongoClient } from 'mongodb'
import { expect, inject, test } from 'vitest'
import { guardedInc, transition } from '../../src/guards/index.js'
import { type StreamOptions, defineStream, runStream } from '../../src/index.js'
import { highWaterToken } from '../../src/testing/changes/madeToken.js'
import { type TestDatabase, testDatabase } from '../../src/testing/index.js'
import { ownState } from './ownState.js'

type Source = { _id: string; n: number }

/** Inserts one document into `source` and projects it; gives the commands that wrote `target`, `true` where in a transaction. */
async function projectOne(place: TestDatabase, options: Partial<StreamOptions<Source>>): Promise<boolean[]> {
  const client = await new MongoClient(place.uri, { monitorCommands: true }).connect()
  const inTransaction: boolean[] = []
  client.on('commandStarted', ({ commandName, command }: CommandStartedEvent) => {
    if (['update', 'insert', 'delete'].includes(commandName) && command[commandName] === 'target')
      inTransaction.push(command['autocommit'] === false)
  })
  try {
    const stream = defineStream<Source>({
      name: 's',
      watch: { collection: 'source' },
      targets: { target: { collection: 'target' } },
      ...options,
    } as StreamOptions<Source>)
    await using run = runStream(stream, { client })
    await run.whenCaughtUp()
    await place.db.collection<Source>('source').insertOne({ _id: stream.name, n: 1 })
    await Promise.race([run.whenCaughtUp(), run.done])
    return inTransaction
  } finally {
    await client.close()
  }
}

test('the writes of a projection are in the checkpoint’s transaction', async () => {
  await using place = await testDatabase(inject('mongoUri'))
  const wrote = await projectOne(place, { project: () => [{ target: 'target', insertOne: { document: { n: 1 } } }] })
  expect(wrote).toEqual([true])
  expect(await place.db.collection('target').countDocuments()).toBe(1)
})

test('rule 15: a stream with delivery bulk writes guarded, outside a transaction; without a guard its write is refused', async () => {
  await using place = await testDatabase(inject('mongoUri'))
  await place.db.collection<{ _id: string; n: number }>('target').insertOne({ _id: 'sum', n: 0 })
  const wrote = await projectOne(place, {
    delivery: 'bulk',
    project: (_change, context) => [guardedInc(context, { target: 'target', filter: { _id: 'sum' }, inc: { n: 1 } })],
  })
  expect(wrote).toEqual([false])
  expect(await place.db.collection('target').findOne()).toMatchObject({ n: 1 })
  const bare = projectOne(place, {
    name: 'bare',
    delivery: 'bulk',
    project: () => [{ target: 'target', updateOne: { filter: {}, update: { $inc: { n: 1 } } } }],
  })
  await expect(bare).rejects.toMatchObject({
    code: 'HANDLER_FAILED',
    cause: { code: 'INVALID_STREAM', message: expect.stringContaining('has no guard') as string },
  })
  expect(await place.db.collection('target').findOne()).toMatchObject({ n: 1 })
})

test('rule 15: two write conflicts in a row make a transaction give up when its writes may be carried by their guards', async () => {
  await using place = await testDatabase(inject('mongoUri'))
  const target = await place.db.createCollection<{ _id: string; n: number }>('target')
  await target.insertOne({ _id: 'sum', n: 0 })
  await using own = ownState(place)
  const { store } = own
  const at = (i: number) => ({ token: highWaterToken({ t: 1, i }), clusterTime: { t: 1, i }, by: 'own' as const })
  await store.create('s', at(1), 'f', 'me')
  await own.claim('me')
  const customer = place.client.startSession()
  customer.startTransaction()
  await target.updateOne({ _id: 'sum' }, { $inc: { n: 10 } }, { session: customer })
  let tries = 0
  const outcome = await store.commitWith(
    { name: 's', epoch: 1, rev: 0 },
    { position: at(2), settled: true, uuid: null },
    async (session) => {
      tries += 1
      await target.bulkWrite([{ updateOne: { filter: { _id: 'sum' }, update: { $inc: { n: 1 } } } }], { session: session! })
    },
    true,
  )
  await customer.commitTransaction()
  await customer.endSession()
  expect(outcome).toEqual({ kind: 'contended' })
  expect(tries).toBe(2)
  expect(await store.load('s')).toMatchObject({ rev: 0, position: at(1) })
  expect(await target.findOne()).toMatchObject({ n: 10 })
})

test('rule 16: a mass update never runs in a transaction, and one without a guard is refused with the reason', async () => {
  await using place = await testDatabase(inject('mongoUri'))
  await place.db.collection('target').insertMany([{ estado: 'A' }, { estado: 'A' }, { estado: 'X' }])
  const wrote = await projectOne(place, {
    project: () => [transition({ target: 'target', filter: {}, field: 'estado', from: 'A', to: 'C', many: true })],
  })
  expect(wrote).toEqual([false])
  expect(await place.db.collection('target').distinct('estado')).toEqual(['C', 'X'])
  const bare = projectOne(place, {
    name: 'bare',
    project: () => [{ target: 'target', updateMany: { filter: {}, update: { $inc: { n: 1 } } } }],
  })
  await expect(bare).rejects.toMatchObject({
    cause: { message: expect.stringContaining('a mass update runs outside a transaction') as string },
  })
})

test('rule 14: a target behind another client is never in the checkpoint’s transaction: its writes need a guard', async () => {
  await using place = await testDatabase(inject('mongoUri'))
  await using other = await testDatabase(inject('mongoUri'))
  await other.db.collection<{ _id: string; n: number }>('target').insertOne({ _id: 'sum', n: 0 })
  const define = (name: string, project: StreamOptions<Source>['project']) =>
    defineStream<Source>({
      name,
      watch: { collection: 'source' },
      targets: { target: { connection: 'other', database: other.name, collection: 'target' } },
      project: project!,
    })
  const connections = { default: place.client, other: other.client }
  await using guarded = runStream(
    define('guarded', (_change, context) => [guardedInc(context, { target: 'target', filter: { _id: 'sum' }, inc: { n: 1 } })]),
    { connections },
  )
  await using bare = runStream(
    define('bare', () => [{ target: 'target', insertOne: { document: {} } }]),
    { connections },
  )
  await Promise.all([guarded.whenCaughtUp(), bare.whenCaughtUp()])
  await place.db.collection<Source>('source').insertOne({ _id: 'a', n: 1 })
  await guarded.whenCaughtUp()
  expect(await other.db.collection('target').findOne()).toMatchObject({ n: 1 })
  await expect(bare.done).rejects.toMatchObject({ cause: { message: expect.stringContaining('another client') as string } })
})

test('rule 20: undefined in a filter stops the stream even where the client ignores undefined; ignored, it would have matched everything', async () => {
  await using place = await testDatabase(inject('mongoUri'))
  const client = await new MongoClient(place.uri, { ignoreUndefined: true }).connect()
  const target = client.db(place.name).collection('target')
  await target.insertMany([
    { evento: 'a', estado: 'A' },
    { evento: 'b', estado: 'A' },
  ])
  const evento = undefined
  expect(await target.countDocuments({ evento, estado: 'A' })).toBe(2)
  const stream = defineStream({
    name: 's',
    watch: { collection: 'source' },
    targets: { target: { collection: 'target' } },
    project: () => [{ target: 'target', updateOne: { filter: { evento, estado: 'A' }, update: { $set: { estado: 'C' } } } }],
  })
  const run = runStream(stream, { client })
  await run.whenCaughtUp()
  await place.db.collection('source').insertOne({})
  await expect(run.done).rejects.toMatchObject({
    cause: { message: expect.stringContaining('updateOne.filter.evento is undefined') as string },
  })
  expect(await target.countDocuments({ estado: 'C' })).toBe(0)
  await client.close()
})

test('rule 22: the targets’ collections and indexes exist before the first transaction; inside one the server makes no index', async () => {
  await using place = await testDatabase(inject('mongoUri'))
  const stream = defineStream({
    name: 's',
    watch: { collection: 'source' },
    targets: { target: { collection: 'target', indexes: [{ key: { nombre: 1 }, unique: true }] } },
    project: () => [],
  })
  await using run = runStream(stream, { client: place.client, until: 'caught-up' })
  await run.done
  expect(Object.values(await place.admin.collection('target').indexInformation())).toContainEqual([['nombre', 1]])

  const target = place.db.collection('target')
  const naive = place.client.startSession()
  naive.startTransaction()
  await target.insertOne({ nombre: 'a' }, { session: naive })
  await expect(target.createIndex({ fecha: 1 }, { session: naive })).rejects.toMatchObject({ code: 263 })
  await naive.abortTransaction().catch(() => undefined)
  await naive.endSession()
})
