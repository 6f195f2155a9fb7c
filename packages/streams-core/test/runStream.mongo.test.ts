import { MongoClient } from 'mongodb'
import { expect, inject, test } from 'vitest'
import { streamStatus } from '../src/admin/index.js'
import { connectStream, defineStream, isStreamError, runStream } from '../src/index.js'
import { testDatabase } from '../src/testing/index.js'

test('a stream without a position begins now, saves its first position before it reads, and goes on after its last settled change', async () => {
  await using place = await testDatabase(inject('mongoUri'))
  const source = place.db.collection<{ n: number }>('source')
  await source.insertOne({ n: 0 })
  const seen: number[] = []
  const stream = defineStream<{ n: number }>({
    name: 'counter',
    watch: { collection: 'source' },
    handle: async (change) => {
      if (change.operationType === 'insert') seen.push(change.fullDocument.n)
    },
  })
  {
    await using run = runStream(stream, { client: place.client })
    await run.whenCaughtUp()
    expect(await place.db.collection('stream').countDocuments({ _id: 'counter' as never, rev: 0 })).toBe(1)
    await source.insertMany([{ n: 1 }, { n: 2 }])
    await run.whenCaughtUp()
    expect(seen).toEqual([1, 2])
  }
  await source.insertOne({ n: 3 })
  {
    await using run = runStream(stream, { client: place.client, until: 'caught-up' })
    expect(await run.done).toMatchObject({ name: 'counter', handled: 1, skipped: 0, parked: 0, reason: 'caught-up' })
  }
  expect(seen).toEqual([1, 2, 3])
  const saved = await place.db.collection('stream').findOne({ _id: 'counter' as never })
  expect(saved).toMatchObject({ v: 1, by: 'own', epoch: 2, owner: null, restarts: 0 })
})

test('an error of the handler ends the run with HANDLER_FAILED and its cause; nothing of that change is saved and the next run begins with it', async () => {
  await using place = await testDatabase(inject('mongoUri'))
  const source = place.db.collection<{ n: number }>('source')
  const seen: number[] = []
  let broken = true
  const connect = (signal: AbortSignal) =>
    connectStream<{ n: number }>({
      signal,
      client: place.client,
      stream: 'fragile',
      collection: source,
      pipeline: [{ $match: { operationType: 'insert' } }],
      handler: (change) => {
        if (change.operationType !== 'insert') return
        if (broken && change.fullDocument.n === 2) throw new TypeError('two')
        seen.push(change.fullDocument.n)
        if (change.fullDocument.n === 3) stop.abort()
      },
    })
  const stop = new AbortController()
  const first = connect(stop.signal)
  await expect.poll(() => place.db.collection('stream').countDocuments()).toBe(1)
  await source.insertMany([{ n: 1 }, { n: 2 }, { n: 3 }])
  const error = await first.then(
    () => null,
    (reason: unknown) => reason,
  )
  expect(isStreamError(error, 'HANDLER_FAILED') && error.cause).toEqual(new TypeError('two'))
  expect(seen).toEqual([1])
  expect(await place.db.collection('stream').findOne()).toMatchObject({
    rev: 1,
    owner: null,
    lastError: { code: 'HANDLER_FAILED', name: 'TypeError', token: isStreamError(error) && error.details['token'] },
  })
  broken = false
  await connect(stop.signal)
  expect(seen).toEqual([1, 2, 3])
})

test('a projection commits its writes and the checkpoint together, also when it begins again at an older position', async () => {
  await using place = await testDatabase(inject('mongoUri'))
  const source = place.db.collection<{ n: number }>('source')
  const stream = defineStream<{ n: number }>({
    name: 'sums',
    watch: { collection: 'source' },
    pipeline: [{ $match: { operationType: 'insert' } }],
    targets: { sums: { collection: 'sums' } },
    project: (change) =>
      change.operationType === 'insert'
        ? [
            {
              target: 'sums',
              updateOne: { filter: { _id: 'all' as never }, update: { $inc: { n: change.fullDocument.n } }, upsert: true },
            },
          ]
        : [],
  })
  await using run = runStream(stream, { client: place.client })
  await run.whenCaughtUp()
  await source.insertMany([{ n: 1 }, { n: 2 }, { n: 3 }])
  await run.whenCaughtUp()
  expect(await place.db.collection('sums').findOne()).toMatchObject({ n: 6 })
  await run.stop()
  expect(await run.done).toMatchObject({ handled: 3, reason: 'stopped' })
})

test('a client that is closed, before a run or in the midst of it, is the caller’s to mend, and ends the run instead of being waited for', async () => {
  await using place = await testDatabase(inject('mongoUri'))
  const stream = defineStream({ name: 's', watch: { collection: 'source' }, handle: () => undefined })
  const client = new MongoClient(place.uri)
  const run = runStream(stream, { client })
  await run.whenCaughtUp()
  await client.close()
  const closed = { code: 'INVALID_OPTIONS', message: expect.stringContaining('MongoClient was closed') as string }
  await expect(run.done).rejects.toMatchObject(closed)
  await expect(runStream(stream, { client }).done).rejects.toMatchObject(closed)
  await expect(streamStatus({ client, streams: [stream] }, 's')).rejects.toMatchObject(closed)
})
