import { execFileSync } from 'node:child_process'
import { expect, inject, test } from 'vitest'
import { planLetters, redriveLetters } from '../../src/admin/index.js'
import type { Change } from '../../src/change.js'
import {
  type ProjectionContext,
  applyOnce,
  expectedVersion,
  guardedInc,
  guardedUpdate,
  insertOnce,
  oncePerChange,
  transition,
  unguarded,
  upsertProjection,
} from '../../src/guards/index.js'
import { type Context, runStream } from '../../src/index.js'
import { type TestDatabase, testDatabase } from '../../src/testing/index.js'
import type { Write } from '../../src/write.js'
import { type Given, type Step, anchor, documentOf, letters, parking, poison, write } from './parkingSetting.js'

const open = () => testDatabase(inject('mongoUri'))
const isPoison = ({ key, n }: Step) => key === 'b' && n === 1
const doing = { by: 'ana', reason: null }
const keys = ['a', 'b', 'c']
const times = (n: number) => keys.map((_id) => ({ _id, times: n }))

type Writes = (step: Step, context: ProjectionContext) => readonly Write[]

const counted = ({ key }: Step) => ({ filter: { _id: key }, update: { $inc: { times: 1 } } })
const inc = ({ key }: Step) => ({ target: 'target', filter: { _id: key }, inc: { times: 1 } })
const each: Writes = (step, context) => [guardedInc(context, inc(step))]
const seen = ({ key, n }: Step) => ({ _id: `${key}${n}`, key })

/** Whatever the writes are, each change counts once in `target`, or inserts one document into `seen`. */
const guards: Readonly<Record<string, { readonly writes: Writes; readonly delivery: 'transaction' | 'bulk' }>> = {
  'guardedInc in a transaction': { writes: each, delivery: 'transaction' },
  'guardedInc in bulk': { writes: each, delivery: 'bulk' },
  'guardedUpdate in bulk': {
    writes: (step, context) => [guardedUpdate(context, { target: 'target', ...counted(step) })],
    delivery: 'bulk',
  },
  'insertOnce in bulk': { writes: (step) => [insertOnce({ target: 'seen', document: seen(step) })], delivery: 'bulk' },
  'upsertProjection in bulk': {
    writes: (step, context) => [upsertProjection(context, { target: 'seen', document: seen(step) })],
    delivery: 'bulk',
  },
  'transition in bulk': {
    writes: ({ key, n }) => [transition({ target: 'target', filter: { _id: key }, field: 'times', from: n, to: n + 1 })],
    delivery: 'bulk',
  },
  'expectedVersion in bulk': {
    writes: ({ key, n }) => [
      expectedVersion({ target: 'target', key: { _id: key }, version: n + 1, update: { $inc: { times: 1 } } }),
    ],
    delivery: 'bulk',
  },
  'oncePerChange in a transaction': {
    writes: (step, context) => [oncePerChange(context, { ledger: 'ledger' }), { target: 'target', updateOne: counted(step) }],
    delivery: 'transaction',
  },
}

const targets = { target: { collection: 'target' }, seen: { collection: 'seen' }, ledger: { collection: 'ledger' } }

const projecting = ({ writes, delivery }: (typeof guards)[string], broken: boolean): Given => ({
  targets,
  delivery,
  project: (change: Change<Step>, context: Context) => {
    if (broken && isPoison(documentOf(change))) throw poison
    return writes(documentOf(change), context)
  },
})

async function redrive({ client }: TestDatabase, options: Given) {
  const admin = { client, streams: [parking(options)] }
  return await redriveLetters(admin, await planLetters(admin, 's', {}), doing)
}

/** Four changes of each of three keys; one of `b` is parked, two are held. */
async function parked(place: TestDatabase, options: Given): Promise<void> {
  await place.db.collection<{ _id: string }>('target').insertMany(keys.map((_id) => ({ _id, times: 0 })))
  await anchor(place, options)
  await write(place, keys, 4)
  expect(await anchor(place, options)).toMatchObject({ parked: 1, held: 2 })
}

/** How often each change counts: by key. */
async function effects({ db }: TestDatabase) {
  const inserted = await db
    .collection('seen')
    .aggregate([{ $group: { _id: '$key', times: { $sum: 1 } } }, { $sort: { _id: 1 } }])
    .toArray()
  if (inserted.length > 0) return inserted
  return await db
    .collection('target')
    .find({}, { sort: { _id: 1 }, projection: { times: 1 } })
    .toArray()
}

/** The dead letters are there as before: as after a crash between what they were put back for and their removal. */
async function redriveTwice(place: TestDatabase, options: Given): Promise<void> {
  const before = await letters(place)
  expect(await redrive(place, options)).toMatchObject({ redriven: 3, left: 0 })
  await place.db.collection('stream.deadLetters').insertMany(before)
  expect(await redrive(place, options)).toMatchObject({ redriven: 3, left: 0 })
}

test.each(Object.keys(guards))(
  '%s: what was parked is done once when it is put back, also when that is done twice',
  async (name) => {
    const guard = guards[name]!
    await using place = await open()
    await parked(place, projecting(guard, true))
    await redriveTwice(place, projecting(guard, false))
    expect(await effects(place)).toEqual(times(4))
    expect(await letters(place)).toEqual([])
  },
)

test('applyOnce: a handler’s ledger has what was put back, and it is done once when that is done twice', async () => {
  await using place = await open()
  const handling = (broken: boolean): Given => ({
    targets,
    handle: async (change: Change<Step>, context: Context) => {
      const step = documentOf(change)
      if (broken && isPoison(step)) throw poison
      await applyOnce(context, { ledger: 'ledger' }, async ({ session, target }) => {
        const { filter, update } = counted(step)
        await target<{ _id: string }>('target').updateOne(filter, update, { session })
      })
    },
  })
  await parked(place, handling(true))
  await redriveTwice(place, handling(false))
  expect(await effects(place)).toEqual(times(4))
})

test('without a guard, in bulk, what is put back twice is done twice', async () => {
  await using place = await open()
  const bare = { writes: (step: Step) => [unguarded({ target: 'target', updateOne: counted(step) })], delivery: 'bulk' } as const
  await parked(place, projecting(bare, true))
  await redriveTwice(place, projecting(bare, false))
  expect(await effects(place)).toEqual([
    { _id: 'a', times: 4 },
    { _id: 'b', times: 7 },
    { _id: 'c', times: 4 },
  ])
})

test('an ordered guard whose target is not the stream’s key refuses what is put back: later changes of other keys have passed it there', async () => {
  await using place = await open()
  const shared = {
    writes: (_step: Step, context: ProjectionContext) => [
      guardedInc(context, { target: 'target', filter: { _id: 'a' }, inc: { times: 1 } }),
    ],
    delivery: 'bulk',
  } as const
  await parked(place, projecting(shared, true))
  await redrive(place, projecting(shared, false))
  expect((await effects(place))[0]).toEqual({ _id: 'a', times: 9 })
})

test('a duplicate key is a race the first time also of what is put back: it is tried once more, whatever the stream’s attempts', async () => {
  await using place = await open()
  const blocker = place.db.collection<{ _id: string; key: string }>('seen')
  await blocker.createIndex({ key: 1 }, { unique: true })
  await blocker.insertOne({ _id: 'in the way', key: 'b' })
  const unblocking = `
    import { MongoClient } from 'mongodb'
    const client = new MongoClient(process.env.PLACE)
    await client.db().collection('seen').deleteOne({ _id: 'in the way' })
    await client.close()`
  const options: Given = {
    targets,
    delivery: 'bulk',
    retry: { attempts: 1, minDelayMs: 1 },
    project: (change: Change<Step>) => [insertOnce({ target: 'seen', document: seen(documentOf(change)) })],
  }
  await anchor(place, options)
  await write(place, ['b'], 1)
  expect(await anchor(place, options)).toMatchObject({ parked: 1 })
  const retried: unknown[] = []
  const retrying = ({ error }: { readonly error: unknown }) => {
    retried.push(error)
    // Done before the next try begins, however soon that is: nothing else happens in this process meanwhile.
    const env = { ...process.env, PLACE: place.uri }
    execFileSync(process.execPath, ['--input-type=module', '-e', unblocking], { cwd: import.meta.dirname, env })
  }
  await using run = runStream(parking(options), { client: place.client, observer: { retrying } })
  run.done.catch(() => undefined)
  await run.whenCaughtUp()
  const admin = { client: place.client, streams: [] }
  await redriveLetters(admin, await planLetters(admin, 's', {}), doing)
  await expect.poll(() => letters(place)).toEqual([])
  expect(retried).toMatchObject([{ cause: { code: 11000 } }])
  expect(await blocker.find().toArray()).toEqual([{ _id: 'b0', key: 'b' }])
})
