import { createHash } from 'node:crypto'
import { BSON, type Document, MongoClient } from 'mongodb'
import { expect, inject, test } from 'vitest'
import { type Position, compareTimes } from '../../src/core/position.js'
import { type Change, type Stream, type StreamOptions, defineStream, runStream, sharedReaders } from '../../src/index.js'
import { mongoChangeSource } from '../../src/mongo/changeSource.js'
import { splitsLargeEvents } from '../../src/mongo/splitsLargeEvents.js'
import { watchedNamespace } from '../../src/mongo/watchedNamespace.js'
import { resolvePlaces } from '../../src/mongo/places.js'
import type { Delivered } from '../../src/ports.js'
import { type TestDatabase, testDatabase } from '../../src/testing/index.js'

interface Picture {
  readonly _id: string
  readonly n?: number
  readonly bytes?: Buffer
}
const never = new AbortController().signal
const megabytes = (value: number) => Buffer.alloc(9_000_000, value)
const images = { fullDocument: 'whenAvailable', fullDocumentBeforeChange: 'whenAvailable' } as const

/** Four small changes around two that are 18 and 27 MB with their images; and where they begin. */
async function pictures(place: TestDatabase) {
  const watched = await place.db.createCollection<Picture>('watched', { changeStreamPreAndPostImages: { enabled: true } })
  const namespace = { client: place.client, database: place.name, collection: 'watched' }
  const from = await mongoChangeSource(defineStream({ name: 's', ...images, handle: () => undefined }), namespace).anchor('now')
  await watched.insertOne({ _id: 'a', n: 1 })
  await watched.insertOne({ _id: 'big', bytes: megabytes(1) })
  await watched.updateOne({ _id: 'big' }, { $set: { n: 1 } })
  await watched.updateOne({ _id: 'a' }, { $set: { n: 2 } })
  await watched.updateOne({ _id: 'big' }, { $set: { bytes: megabytes(2), n: 2 } })
  await watched.insertOne({ _id: 'z', n: 3 })
  return { from, namespace, splits: await splitsLargeEvents(namespace) }
}

const shape = ({ change }: Delivered) => {
  const { operationType, documentKey, oversize } = change as Change & { oversize?: boolean }
  return [operationType, documentKey?._id, ...(oversize === true ? ['oversize'] : [])]
}
const hash = (value: Document) => createHash('sha256').update(BSON.serialize(value)).digest('hex')

test.each(['own', 'driver'] as const)(
  'the reader %s delivers every change in order, and goes on behind those that are over 16 MB',
  async (reader) => {
    await using place = await testDatabase(inject('mongoUri'))
    const { from, namespace, splits } = await pictures(place)
    const stream = defineStream({ name: 's', ...images, handle: () => undefined })
    const read = async (at: typeof from, count: number) => {
      await using reading = await mongoChangeSource(stream, namespace, { reader }).open(at)
      const taken: Delivered[] = []
      while (taken.length < count) {
        const next = await reading.next(never)
        if (next.kind === 'changes') taken.push(...next.changes)
      }
      return taken
    }
    const taken = await read(from, 6)
    const flag = splits ? [] : ['oversize']
    expect(taken.map(shape)).toEqual([
      ['insert', 'a'],
      ['insert', 'big'],
      ['update', 'big', ...flag],
      ['update', 'a'],
      ['update', 'big', ...flag],
      ['insert', 'z'],
    ])
    const large = taken[2]!.change as Change & { operationType: 'update' }
    expect(large.updateDescription.updatedFields).toEqual({ n: 1 })
    if (!splits) expect([large.fullDocument, large.fullDocumentBeforeChange]).toEqual([null, null])
    expect(taken[3]!.change).toMatchObject({ fullDocument: { _id: 'a', n: 2 }, fullDocumentBeforeChange: { _id: 'a', n: 1 } })

    // Its token opens like any other, as ours and as somebody else's.
    for (const by of ['own', 'foreign'] as const)
      for (const index of [1, 2, 4])
        expect((await read({ ...taken[index]!.position, by }, 5 - index)).map(shape)).toEqual(taken.slice(index + 1).map(shape))
  },
)

test('both readers deliver the same bytes, sizes and positions, whatever the client decodes and the pipeline matches', async () => {
  await using place = await testDatabase(inject('mongoUri'))
  const { from, namespace } = await pictures(place)
  const end = await mongoChangeSource(defineStream({ name: 's', handle: () => undefined }), namespace).serverTime()
  const isPast = (position: Position | null) => position !== null && compareTimes(position.clusterTime, end) >= 0
  await using exactly = new MongoClient(place.uri, { promoteValues: false })
  const pipelines: Document[][] = [[], [{ $match: { 'fullDocument.n': { $gte: 2 } } }, { $unset: 'wallTime' }]]
  for (const pipeline of pipelines)
    for (const client of [place.client, exactly]) {
      const [own, driver] = await Promise.all(
        (['own', 'driver'] as const).map(async (reader) => {
          const stream = defineStream({ name: 's', ...images, pipeline, handle: () => undefined })
          await using reading = await mongoChangeSource(stream, { ...namespace, client }, { reader }).open(from)
          const taken: unknown[] = []
          for (;;) {
            const read = await reading.next(never)
            if (read.kind === 'quiet' && isPast(reading.reached)) return taken
            if (read.kind !== 'changes') continue
            for (const { change, position, bytes } of read.changes)
              taken.push([position, change.documentKey, hash(change), ...(client === exactly ? [bytes] : [])])
          }
        }),
      )
      expect(own).toEqual(driver)
      // A match on an image still sees it.
      expect(own).toHaveLength(pipeline.length === 0 ? 6 : 3)
    }
})

async function runs(place: TestDatabase, options: Partial<StreamOptions<Picture>>[], share: boolean) {
  await place.db.createCollection<Picture>('watched', { changeStreamPreAndPostImages: { enabled: true } })
  const seen: unknown[][] = options.map(() => [])
  const readers = sharedReaders()
  const streams = options.map((option, index) =>
    defineStream<Picture>({
      name: `s${index}`,
      watch: { collection: 'watched' },
      concurrency: 1,
      ...images,
      handle: async (change) => void seen[index]!.push(shape({ change } as Delivered).join(' ')),
      ...option,
    } as StreamOptions<Picture>),
  )
  const started = streams.map((stream: Stream<Picture>) => runStream(stream, { client: place.client, ...(share && { readers }) }))
  await Promise.all(started.map((run) => run.whenCaughtUp()))
  return { seen, started }
}

test('streams that share a cursor go on behind such a change; one that matches by an image reads it alone', async () => {
  await using place = await testDatabase(inject('mongoUri'))
  const matches = [undefined, { operationType: 'update' }, { 'fullDocument.kind': 'x' }]
  const options = matches.map((match) => ({ pipeline: match === undefined ? [] : [{ $match: match }] }))
  const { seen, started } = await runs(place, options, true)
  try {
    expect(started.map(({ status }) => status.reader)).toEqual(['shared', 'shared', 'shared'])
    const watched = place.db.collection<Document & { _id: string }>('watched')
    const oversize = (await splitsLargeEvents(
      watchedNamespace(
        defineStream({ name: 's', watch: { collection: 'watched' }, handle: () => undefined }),
        resolvePlaces({ client: place.client }),
      ),
    ))
      ? ''
      : ' oversize'
    await watched.insertOne({ _id: 'big', kind: 'x', bytes: megabytes(1) })
    await watched.updateOne({ _id: 'big' }, { $set: { n: 1 } })
    await watched.insertOne({ _id: 'z', kind: 'y' })
    await Promise.all(started.map((run) => run.whenCaughtUp()))
    expect(seen).toEqual([
      ['insert big', `update big${oversize}`, 'insert z'],
      [`update big${oversize}`],
      ['insert big', `update big${oversize}`],
    ])
  } finally {
    await Promise.all(started.map((run) => run.stop()))
  }
})

test('a projection gets it with everything but its images, and commits it once', async () => {
  await using place = await testDatabase(inject('mongoUri'))
  await place.db.createCollection<Picture>('watched', { changeStreamPreAndPostImages: { enabled: true } })
  const stream = defineStream<Picture>({
    name: 'sizes',
    watch: { collection: 'watched' },
    ...images,
    targets: { sizes: { collection: 'sizes' } },
    project: (change) =>
      change.operationType === 'update'
        ? [
            {
              target: 'sizes',
              updateOne: {
                filter: { _id: change.documentKey._id },
                update: {
                  $inc: { updates: 1 },
                  $set: { oversize: change.oversize ?? false, n: change.updateDescription.updatedFields?.n },
                },
                upsert: true,
              },
            },
          ]
        : [],
  })
  await using run = runStream(stream, { client: place.client })
  await run.whenCaughtUp()
  const watched = place.db.collection<Picture>('watched')
  await watched.insertOne({ _id: 'big', bytes: megabytes(1) })
  await watched.updateOne({ _id: 'big' }, { $set: { n: 7 } })
  await run.whenCaughtUp()
  const splits = await splitsLargeEvents({ client: place.client, database: place.name, collection: 'watched' })
  expect(await place.db.collection('sizes').find().toArray()).toEqual([{ _id: 'big', updates: 1, oversize: !splits, n: 7 }])
})
