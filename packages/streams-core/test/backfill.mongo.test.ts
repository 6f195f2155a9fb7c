import { Binary, type Db, Decimal128, Long, ObjectId, Timestamp } from 'mongodb'
import { expect, inject, test } from 'vitest'
import { history, streamStatus } from '../src/admin/index.js'
import { apply, guardedInc, upsertProjection } from '../src/guards/index.js'
import { type Change, type StreamOptions, defineStream, runStream } from '../src/index.js'
import { type TestDatabase, testDatabase } from '../src/testing/index.js'

interface Sold {
  readonly _id: number
  readonly event: number
  readonly count: number
}

const common = {
  name: 'copies',
  watch: { collection: 'source' },
  start: 'backfill',
  targets: { target: { collection: 'target' } },
} as const

const many = (count: number, first = 0): Sold[] =>
  Array.from({ length: count }, (_, n) => ({ _id: first + n, event: (first + n) % 5, count: 1 }))

const start = (place: TestDatabase, options: Partial<StreamOptions<Sold>>, run: Parameters<typeof runStream>[1] = {}) =>
  runStream(defineStream<Sold>({ ...common, ...options } as StreamOptions<Sold>), {
    client: place.client,
    until: 'caught-up',
    ...run,
  })

test('existing documents come first, in the order of their _ids, as inserts with context.backfill; then what is written since', async () => {
  await using place = await testDatabase(inject('mongoUri'))
  const source = place.db.collection<Sold>('source')
  await source.insertMany(many(2500).reverse())
  const seen: [unknown, string, boolean, boolean | 'unknown'][] = []
  const handle = (
    { documentKey, operationType }: Change<Sold>,
    context: { backfill: boolean; redelivered: boolean | 'unknown' },
  ) => void seen.push([documentKey?._id, operationType, context.backfill, context.redelivered])
  {
    await using run = start(place, { handle, concurrency: 1 }, { max: 1200 })
    expect(await run.done).toMatchObject({ reason: 'max', handled: 1200 })
  }
  const options = { client: place.client, streams: [defineStream<Sold>({ ...common, handle })] }
  expect((await streamStatus(options, 'copies')).backfill).toMatchObject({ state: 'scanning', scanned: 1200 })
  await source.updateOne({ _id: 7 }, { $inc: { count: 1 } })
  {
    await using run = start(place, { handle, concurrency: 1 })
    await run.done
  }
  await source.deleteOne({ _id: 8 })
  {
    await using run = start(place, { handle })
    await run.done
  }
  expect(seen.slice(0, 2500)).toEqual(many(2500).map(({ _id }) => [_id, 'insert', true, false]))
  expect(seen.slice(2500)).toEqual([
    [7, 'update', false, false],
    [8, 'delete', false, false],
  ])
  const rows = (await history(options, 'copies')).map(({ action, reason }) => [action, reason])
  expect(rows).toEqual([
    ['backfill', '2500 documents'],
    ['start', null],
  ])
  expect((await streamStatus(options, 'copies')).backfill).toBeNull()
})

const ofEveryType = [
  -3,
  Number.NaN,
  2.5,
  Long.fromString('9007199254740993'),
  Decimal128.fromString('1.1'),
  '',
  'a',
  'b',
  { a: 1 },
  { a: 'x' },
  new Binary(Buffer.from('ab')),
  new ObjectId(),
  new ObjectId(),
  false,
  true,
  new Date(0),
  new Timestamp({ t: 1, i: 1 }),
]

test('a backfill that is stopped after each document goes on behind it, whatever the types of the _ids; $gt alone would end with the first type', async () => {
  await using place = await testDatabase(inject('mongoUri'))
  const source = place.db.collection('source')
  await source.insertMany(ofEveryType.map((_id) => ({ _id }) as never))
  const sorted = await source
    .find({}, { sort: { _id: 1 } })
    .map(({ _id }) => _id)
    .toArray()
  const seen: unknown[] = []
  for (let runs = 0; runs < sorted.length; runs += 1) {
    await using run = start(place, { handle: ({ documentKey }) => void seen.push(documentKey?._id) }, { max: 1 })
    await run.done
  }
  expect(seen).toEqual(sorted)

  const naive = [sorted[0]]
  for (let next; (next = await source.findOne({ _id: { $gt: naive.at(-1)! } }, { sort: { _id: 1 } })) !== null;)
    naive.push(next._id)
  expect(naive.length).toBeLessThan(sorted.length)
})

test('a pipeline decides which documents come; a range without any is passed', async () => {
  await using place = await testDatabase(inject('mongoUri'))
  await place.db.collection<Sold>('source').insertMany(many(3300))
  const seen: unknown[] = []
  const pipeline = [
    { $match: { operationType: { $in: ['insert', 'update'] }, $expr: { $gte: ['$fullDocument._id', 2200] } } },
    { $match: { 'fullDocument.event': 3 } },
    { $set: { 'fullDocument.extra': { $add: ['$fullDocument._id', 1] } } },
  ]
  await using run = start(place, { pipeline, handle: ({ fullDocument }) => void seen.push(fullDocument) })
  expect(await run.done).toMatchObject({ handled: 220 })
  expect(seen[0]).toEqual({ _id: 2203, event: 3, count: 1, extra: 2204 })
})

test('a pipeline that removes the document’s key is refused at the first document', async () => {
  await using place = await testDatabase(inject('mongoUri'))
  await place.db.collection<Sold>('source').insertMany(many(2))
  await using run = start(place, { pipeline: [{ $unset: 'documentKey' }], handle: () => undefined })
  await expect(run.done).rejects.toMatchObject({
    code: 'INVALID_STREAM',
    message: expect.stringMatching(/documentKey/) as string,
  })
})

/** Inserts, raises, lowers and deletes until it is told to stop. */
async function writeBeside(db: Db, first: number, signal: AbortSignal): Promise<void> {
  const source = db.collection<Sold>('source')
  for (let n = 0; !signal.aborted; n += 1) {
    const _id = (n * 7919) % (2 * first)
    await source.updateOne({ _id }, { $inc: { count: 1 + (n % 3) } })
    await source.insertOne({ _id: first + 1e6 + n, event: n % 5, count: 2 })
    await source.insertOne({ _id: -n - 1, event: n % 5, count: 1 })
    await source.deleteOne({ _id: (n * 104_729) % first })
  }
}

async function sums(db: Db, collection: string, count: string): Promise<Record<string, number>> {
  const found = await db
    .collection(collection)
    .aggregate([{ $group: { _id: '$event', count: { $sum: `$${count}` } } }])
    .toArray()
  return Object.fromEntries(found.map(({ _id, count: sum }) => [_id as string, sum as number]))
}

const handleSum: NonNullable<StreamOptions<Sold>['handle']> = async (change, context) => {
  if (change.operationType === 'insert') {
    const { event, count } = change.fullDocument
    await apply(context, guardedInc(context, { target: 'target', filter: { _id: event }, inc: { inserted: 1, first: count } }))
  }
}

for (const kind of ['handle', 'bulk', 'transaction'] as const) {
  test(`a sum over documents that share a target counts each of them once, with writers beside the ${kind}`, async () => {
    await using place = await testDatabase(inject('mongoUri'))
    const { db } = place
    await db.collection<Sold>('source').insertMany(many(3000))
    await db.collection<{ _id: number; event: number }>('target').insertMany([0, 1, 2, 3, 4].map((_id) => ({ _id, event: _id })))
    const stop = new AbortController()
    const writing = writeBeside(db, 3000, stop.signal)
    const counts = { inserted: 0, deleted: 0 }
    const key = ({ fullDocument }: Change<Sold>) => fullDocument?.event
    const work: Partial<StreamOptions<Sold>> =
      kind === 'handle'
        ? {
            key,
            handle: async (change, context) => {
              count(change)
              await handleSum(change, context)
            },
          }
        : {
            key,
            delivery: kind,
            project(change, context) {
              count(change)
              if (change.operationType !== 'insert') return []
              const { event, count: first } = change.fullDocument
              return [guardedInc(context, { target: 'target', filter: { _id: event }, inc: { inserted: 1, first } })]
            },
          }
    function count({ operationType }: Change<Sold>): void {
      if (operationType === 'insert') counts.inserted += 1
      if (operationType === 'delete') counts.deleted += 1
    }
    {
      await using run = start(place, {
        ...work,
        key: ({ fullDocument }) => fullDocument?.event,
        concurrency: kind === 'handle' ? 8 : undefined,
      } as Partial<StreamOptions<Sold>>)
      await run.done
    }
    stop.abort()
    await writing
    await using run = start(place, work)
    await run.done
    const live = await db.collection('source').countDocuments()
    // Each document that ever was counts once, and what was deleted before it was read not at all.
    expect(counts.inserted - counts.deleted).toBe(live)
    const inserted = Object.values(await sums(db, 'target', 'inserted')).reduce((a, b) => a + b, 0)
    expect(inserted).toBe(counts.inserted)
  })
}

test('the control: a copy followed by all changes since counts what was written beside it twice', async () => {
  await using place = await testDatabase(inject('mongoUri'))
  const source = place.db.collection<Sold>('source')
  await source.insertMany(many(100))
  const changes = source.watch()
  await changes.tryNext()
  await source.insertOne({ _id: 100, event: 0, count: 1 })
  const copied = await source.find().toArray()
  await source.insertOne({ _id: 101, event: 0, count: 1 })
  let inserted = copied.length
  for (let seen = 0; seen < 2;) {
    if ((await changes.next()).operationType !== 'insert') continue
    seen += 1
    inserted += 1
  }
  await changes.close()
  expect([inserted, await source.countDocuments()]).toEqual([103, 102])
})

test('the control: with one token for all documents, an ordered guard takes the second document of a target for a repeat', async () => {
  await using place = await testDatabase(inject('mongoUri'))
  const target = place.db.collection<{ _id: number; inserted?: number }>('target')
  await place.db.collection<Sold>('source').insertMany(many(10))
  await target.insertMany([0, 1, 2, 3, 4].map((_id) => ({ _id })))
  const inserted = async () => (await target.find().toArray()).reduce((sum, document) => sum + (document.inserted ?? 0), 0)
  const project =
    (tokenOf: (token: string) => string): NonNullable<StreamOptions<Sold>['project']> =>
    (change, context) => {
      const { event } = change.fullDocument as Sold
      const fence = { stream: context.stream, token: tokenOf(context.token) }
      return [guardedInc(fence, { target: 'target', filter: { _id: event }, inc: { inserted: 1 } })]
    }
  // What a position before the scan has: it is the beginning of each document's token.
  await using naive = start(place, { name: 'naive', project: project((token) => token.slice(0, 30)) })
  await naive.done
  expect(await inserted()).toBe(5)
  await target.updateMany({}, { $unset: { inserted: '', tokens: '' } })
  await using run = start(place, { project: project((token) => token) })
  await run.done
  expect(await inserted()).toBe(10)
})

test('a copy of whole documents is equal to its source, with inserts, updates and deletes beside the backfill', async () => {
  await using place = await testDatabase(inject('mongoUri'))
  const { db } = place
  await db.collection<Sold>('source').insertMany(many(3000))
  const stop = new AbortController()
  const writing = writeBeside(db, 3000, stop.signal)
  const project: NonNullable<StreamOptions<Sold>['project']> = (change, context) =>
    change.documentKey === undefined
      ? []
      : [
          upsertProjection(context, {
            target: 'target',
            key: { _id: change.documentKey._id },
            document: change.fullDocument ?? null,
          }),
        ]
  {
    await using run = start(place, { project })
    await run.done
  }
  stop.abort()
  await writing
  await using run = start(place, { project })
  await run.done
  const source = await db
    .collection('source')
    .find({}, { sort: { _id: 1 } })
    .toArray()
  const target = await db
    .collection('target')
    .find({ tombstone: null }, { sort: { _id: 1 }, projection: { tokens: 0 } })
    .toArray()
  expect(target).toEqual(source)
})
