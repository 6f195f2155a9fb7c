import { setMaxListeners } from 'node:events'
import { isDeepStrictEqual } from 'node:util'
import { type Document, Long } from 'mongodb'
import { expect, inject, test, vi } from 'vitest'
import { isSilence } from '../../src/core/infrastructure.js'
import { type Position, compareTimes } from '../../src/core/position.js'
import { type RunHandle, type Stream, defineStream, runStream, sharedReaders } from '../../src/index.js'
import { mongoChangeSource } from '../../src/mongo/changeSource.js'
import { sharedSource } from '../../src/mongo/sharedSource.js'
import type { ChangeReader, ChangeSource } from '../../src/ports.js'
import { type TestDatabase, testDatabase } from '../../src/testing/index.js'

const never = new AbortController().signal
setMaxListeners(0, never)
const patient = { timeout: 30_000, interval: 20 }
const majority = { writeConcern: { w: 'majority' } } as const

/** Cursors that are open on the collection `watched`. */
async function cursors(place: TestDatabase): Promise<{ cursor: { cursorId: unknown } }[]> {
  return await place.client
    .db('admin')
    .aggregate<{ cursor: { cursorId: unknown } }>([
      { $currentOp: { idleCursors: true } },
      { $match: { ns: `${place.name}.watched`, cursor: { $exists: true } } },
    ])
    .toArray()
}

/** Asked until it is so: the server shows a cursor neither as idle nor at work when it goes from one to the other, and closing one takes a moment. */
async function expectCursors(place: TestDatabase, count: number): ReturnType<typeof cursors> {
  return await vi.waitFor(async () => {
    const open = await cursors(place)
    expect(open).toHaveLength(count)
    return open
  }, patient)
}

const insert = (place: TestDatabase, from: number, to: number) =>
  place.db.collection<{ _id: number; even: boolean }>('watched').insertMany(
    Array.from({ length: to - from }, (_, i) => ({ _id: from + i, even: i % 2 === 0 })),
    majority,
  )

/** Sources that share, one for each pipeline. */
function sharing(place: TestDatabase, pipelines: readonly Document[][]): ChangeSource[] {
  const readers = sharedReaders()
  const namespace = { client: place.client, database: place.name, collection: 'watched' }
  return pipelines.map((pipeline) => {
    const stream = defineStream({ name: 's', pipeline, handle: () => undefined })
    return sharedSource(stream, namespace, mongoChangeSource(stream, namespace), readers)
  })
}

/** Reads until `enough` ids are there; `pause` is called before each read. */
async function ids(reader: ChangeReader, enough: (seen: readonly unknown[]) => boolean, pause?: () => Promise<unknown>) {
  const seen: unknown[] = []
  while (!enough(seen)) {
    await pause?.()
    const read = await reader.next(never)
    if (read.kind === 'invalidated') throw new Error('invalidated')
    if (read.kind === 'changes') seen.push(...read.changes.map(({ change }) => change.documentKey?._id))
  }
  return seen
}

const upTo = (last: number) => (seen: readonly unknown[]) => seen.at(-1) === last
const range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i)

test('streams of one process read the same collection from one cursor, each what its own pipeline lets through, and each saves its own position', async () => {
  await using place = await testDatabase(inject('mongoUri'))
  await place.db.createCollection('watched')
  const readers = sharedReaders()
  const pipelines: Record<string, Document[]> = {
    all: [],
    even: [{ $match: { 'fullDocument.even': true } }],
    deletes: [{ $match: { operationType: 'delete' } }],
    // Only the server can evaluate it.
    big: [{ $match: { 'fullDocument._id': { $gte: 5 } } }],
  }
  const seen: Record<string, unknown[]> = {}
  const streams = Object.entries(pipelines).map(([name, pipeline]) =>
    defineStream({
      name,
      watch: { collection: 'watched' },
      pipeline,
      handle: (change) => void (seen[name] ??= []).push(change.documentKey?._id),
    }),
  )
  const start = (stream: Stream) => runStream(stream, { client: place.client, readers })
  const runs = streams.map(start)
  await Promise.all(runs.map((run) => run.whenCaughtUp()))
  await expectCursors(place, 2)
  expect(runs.map(({ status }) => status.reader)).toEqual(['shared', 'shared', 'shared', 'own'])
  await insert(place, 0, 10)
  await place.db.collection<{ _id: number }>('watched').deleteOne({ _id: 3 }, majority)
  await Promise.all(runs.map((run) => run.whenCaughtUp()))
  expect(seen).toEqual({ all: [...range(0, 10), 3], even: [0, 2, 4, 6, 8], deletes: [3], big: [5, 6, 7, 8, 9] })
  await Promise.all(runs.map((run) => run.stop()))
  await expectCursors(place, 0)

  // Their positions go on alone, whoever made them.
  await insert(place, 10, 12)
  const alone = streams.map((stream) => runStream(stream, { client: place.client, until: 'caught-up' }).done)
  await Promise.all(alone)
  expect(seen).toMatchObject({ all: [...range(0, 10), 3, 10, 11], even: [0, 2, 4, 6, 8, 10], big: [5, 6, 7, 8, 9, 10, 11] })
})

test('one that is too slow for the others reads alone and comes back when it has caught up; the others do not wait for it', async () => {
  await using place = await testDatabase(inject('mongoUri'))
  await place.db.createCollection('watched')
  const [fast, slow] = sharing(place, [[], [{ $match: { operationType: 'insert' } }]]) as [ChangeSource, ChangeSource]
  const from = await fast.anchor('now')
  await insert(place, 0, 12_000)
  await using quick = await fast.open(from)
  await using lame = await slow.open(from)
  expect([fast.reader, slow.reader]).toEqual(['shared', 'shared'])
  expect(await ids(lame, upTo(99))).toEqual(range(0, 100))
  expect(await ids(quick, upTo(11_999))).toEqual(range(0, 12_000))
  expect(await ids(lame, upTo(199))).toEqual(range(100, 200))
  expect(slow.reader).toBe('own')
  expect(await ids(lame, upTo(11_999))).toEqual(range(200, 12_000))
  await insert(place, 12_000, 12_010)
  expect(await ids(lame, upTo(12_009))).toEqual(range(12_000, 12_010))
  expect(slow.reader).toBe('shared')
  expect(await ids(quick, upTo(12_009))).toEqual(range(12_000, 12_010))
  await expectCursors(place, 1)
})

test('one that starts far behind does not hold up the others, and all read from one cursor in the end', async () => {
  await using place = await testDatabase(inject('mongoUri'))
  await place.db.createCollection('watched')
  const sources = sharing(place, [[], [], []])
  const old = await sources[0]!.anchor('now')
  await insert(place, 0, 12_000)
  // Behind for longer than a reader would wait for another: a second of the server's time, which goes on with what is written.
  const written = await sources[0]!.serverTime()
  await vi.waitFor(async () => {
    await place.db.collection('elsewhere').insertOne({}, majority)
    expect((await sources[0]!.serverTime()).t).toBeGreaterThan(written.t + 1)
  }, patient)
  await insert(place, 12_000, 12_001)
  const now = await sources[0]!.anchor('now')
  const behind = await sources[0]!.open(old)
  const first = await ids(behind, upTo(99))
  const current = await Promise.all(sources.slice(1).map((source) => source.open(now)))
  await insert(place, 12_001, 12_002)
  for (const reader of current) expect(await ids(reader, upTo(12_001))).toEqual([12_001])
  await expectCursors(place, 2)
  expect([...first, ...(await ids(behind, upTo(12_001)))]).toEqual(range(0, 12_002))
  const all = [behind, ...current]
  await insert(place, 12_002, 12_003)
  for (const reader of all) expect(await ids(reader, upTo(12_002))).toEqual([12_002])
  expect(sources.map(({ reader }) => reader)).toEqual(['shared', 'shared', 'shared'])
  await expectCursors(place, 1)
  await Promise.all(all.map((reader) => reader[Symbol.asyncDispose]()))
})

test('a fault of the shared cursor is a fault for each: all read again from their checkpoints and share again, nothing lost, nothing twice', async () => {
  await using place = await testDatabase(inject('mongoUri'))
  await place.db.createCollection('watched')
  const readers = sharedReaders()
  const names = ['a', 'b', 'c']
  const seen = new Map(names.map((name) => [name, [] as unknown[]]))
  const reopened: string[] = []
  const runs = names.map((name): RunHandle => {
    const stream = defineStream({
      name,
      watch: { collection: 'watched' },
      handle: (change) => void seen.get(name)!.push(change.documentKey?._id),
    })
    return runStream(stream, {
      client: place.client,
      readers,
      observer: { reopening: (event) => void reopened.push(event.stream) },
    })
  })
  await Promise.all(runs.map((run) => run.whenCaughtUp()))
  for (let round = 0; round < 3; round += 1) {
    const open = await expectCursors(place, 1)
    await place.db.command({
      killCursors: 'watched',
      cursors: open.map(({ cursor }) => Long.fromValue(cursor.cursorId as Long | number)),
    })
    await insert(place, round * 10, round * 10 + 10)
    await Promise.all(runs.map((run) => run.whenCaughtUp()))
  }
  for (const name of names) expect(seen.get(name)).toEqual(range(0, 30))
  expect([...new Set(reopened)].sort()).toEqual(names)
  expect(runs.map(({ status }) => status.reader)).toEqual(['shared', 'shared', 'shared'])
  await Promise.all(runs.map((run) => run.stop()))
})

test('a change of which only the server can tell is read on a cursor of its own: an array on the path of a pipeline', async () => {
  await using place = await testDatabase(inject('mongoUri'))
  const watched = await place.db.createCollection<{ _id: number; tag?: unknown }>('watched')
  const [all, tagged] = sharing(place, [[], [{ $match: { 'fullDocument.tag': 'x' } }]]) as [ChangeSource, ChangeSource]
  const from = await all.anchor('now')
  const tags = ['x', 'y', ['y', 'x'], ['y'], 'x']
  await watched.insertMany(
    tags.map((tag, _id) => ({ _id, tag })),
    majority,
  )
  await using other = await all.open(from)
  await using reader = await tagged.open(from)
  expect(await ids(other, upTo(4))).toEqual([0, 1, 2, 3, 4])
  expect(await ids(reader, upTo(4))).toEqual([0, 2, 4])
  expect([all.reader, tagged.reader]).toEqual(['shared', 'own'])
})

test('a drop ends each of them, also one whose pipeline does not let it through, and each can go on after it', async () => {
  await using place = await testDatabase(inject('mongoUri'))
  await place.db.createCollection('watched')
  const sources = sharing(place, [[], [{ $match: { operationType: 'insert' } }]])
  const from = await sources[0]!.anchor('now')
  await insert(place, 0, 2)
  await place.admin.collection('watched').drop()
  const ends = await Promise.all(
    sources.map(async (source): Promise<Position> => {
      await using reader = await source.open(from)
      const seen: unknown[] = []
      for (;;) {
        const read = await reader.next(never)
        if (read.kind === 'changes') seen.push(...read.changes.map(({ change }) => change.operationType))
        if (read.kind === 'invalidated') {
          expect(seen.filter((type) => type === 'insert')).toHaveLength(2)
          return read.position
        }
      }
    }),
  )
  await place.db.createCollection('watched')
  await insert(place, 5, 6)
  for (const [index, source] of sources.entries()) {
    await using reader = await source.open(ends[index]!)
    expect(await ids(reader, upTo(5))).toEqual([5])
  }
})

test('whatever they match, wherever they begin and however fast they are, each gets what it would get alone', async () => {
  await using place = await testDatabase(inject('mongoUri'))
  await place.db.createCollection('watched')
  const pipelines = [
    [],
    [],
    [{ $match: { 'fullDocument.even': true } }],
    [{ $match: { 'fullDocument.even': false } }],
    [{ $match: { operationType: { $in: ['insert', 'delete'] } } }],
    [{ $match: { operationType: 'update' } }],
  ]
  const sources = sharing(place, pipelines)
  const starts: Position[] = []
  for (let part = 0; part < 5; part += 1) {
    starts.push(await sources[0]!.anchor('now'))
    await insert(place, part * 4000, part * 4000 + 4000)
  }
  const last = 20_000
  await place.db.collection<{ _id: number }>('watched').insertOne({ _id: last }, majority)
  const end = await sources[0]!.serverTime()
  const isPast = (position: Position | null) => position !== null && compareTimes(position.clusterTime, end) >= 0

  const follow = async (source: ChangeSource, from: Position, pause: () => Promise<unknown>) => {
    const tokens: string[] = []
    let reached: Position | null = null
    let at = from
    while (!isPast(reached)) {
      try {
        await using reader = await source.open(at)
        while (!isPast(reached)) {
          await pause()
          const read = await reader.next(never)
          // Never backwards.
          expect(reached === null || reached.token <= (reader.reached?.token ?? '')).toBe(true)
          if (reader.reached !== null) at = reached = reader.reached
          if (read.kind !== 'changes') continue
          tokens.push(...read.changes.map(({ position }) => position.token))
          at = read.changes.at(-1)!.position
        }
      } catch (error) {
        // A busy machine looks like a silent server.
        if (!isSilence(error)) throw error
      }
    }
    return tokens
  }
  const wait = (ms: number) => () => new Promise((resolve) => setTimeout(resolve, Math.random() * ms))
  const together = await Promise.all(
    sources.flatMap((source, index) => [
      follow(source, starts[index % 5]!, wait(index * 40)),
      follow(source, starts[(index * 2) % 5]!, wait(2)),
    ]),
  )
  const namespace = { client: place.client, database: place.name, collection: 'watched' }
  const alone: string[][] = []
  for (const [index, pipeline] of pipelines.entries()) {
    const source = mongoChangeSource(defineStream({ name: 's', pipeline, handle: () => undefined }), namespace)
    for (const start of [index % 5, (index * 2) % 5]) alone.push(await follow(source, starts[start]!, async () => undefined))
  }
  expect(together.map(({ length }) => length)).toEqual(alone.map(({ length }) => length))
  // expect's own comparison would take longer than everything else.
  expect(isDeepStrictEqual(together, alone)).toBe(true)
})
