import { Decimal128, MongoClient, ObjectId } from 'mongodb'
import { expect, inject, test } from 'vitest'
import { type StreamOptions, connectStream, defineStream, runStream } from '../../src/index.js'
import { type TestDatabase, testDatabase } from '../../src/testing/index.js'

/** Runs `options` until it has caught up, or has settled `max` changes, and gives the document keys that it was handed. */
async function catchUp(
  place: TestDatabase,
  options: Partial<StreamOptions> = {},
  client = place.client,
  max?: number,
): Promise<unknown[]> {
  const seen: unknown[] = []
  const stream = defineStream({
    name: 's',
    watch: { collection: 'source' },
    handle: (change) => void seen.push(change.documentKey?._id),
    ...options,
  } as StreamOptions)
  await using run = runStream(stream, { client, ...(max === undefined ? { until: 'caught-up' } : { max }) })
  await run.done
  return seen
}

const saved = (place: TestDatabase) => place.db.collection('stream').findOne({ _id: 's' as never })

test('rule 1: positions of changes with a double or Decimal128 key keep their type bits; without them reopening fails for ever with 50810', async () => {
  await using place = await testDatabase(inject('mongoUri'))
  await catchUp(place)
  const ids = [2.5, Decimal128.fromString('1.50')]
  for (const _id of ids) await place.db.collection('source').insertOne({ _id: _id as never })
  expect(await catchUp(place, {}, place.client, 2)).toEqual(ids)
  const { token, typeBits } = (await saved(place))!
  expect(typeBits).toBeDefined()
  const naive = place.db.collection('source').watch([], { startAfter: { _data: token } })
  await expect(naive.tryNext()).rejects.toMatchObject({ code: 50810 })
  await naive.close()
  await place.db.collection('source').insertOne({ _id: 'next' as never })
  expect(await catchUp(place)).toEqual(['next'])
})

test('rule 2: a foreign token is opened at its time and what it has seen is dropped; given to startAfter it fails with 280', async () => {
  await using place = await testDatabase(inject('mongoUri'))
  const source = await place.db.createCollection('source')
  const foreign = source.watch([])
  await foreign.tryNext()
  await source.insertOne({ _id: 'update me' as never })
  await source.insertOne({ _id: 'after' as never })
  const { _data: token } = (await foreign.next())._id as { _data: string }
  await foreign.close()
  await place.db.collection('stream').insertOne({ stream: 's', token })

  const pipeline = [{ $match: { 'fullDocument._id': { $ne: 'update me' } } }]
  const naive = source.watch(pipeline, { startAfter: { _data: token } })
  await expect(naive.tryNext()).rejects.toMatchObject({ code: 280 })
  await naive.close()
  expect(await catchUp(place, { pipeline })).toEqual(['after'])
})

test('rule 2: an own token that its pipeline no longer matches (updateLookup shows the document as it is now) is reopened at its time', async () => {
  await using place = await testDatabase(inject('mongoUri'))
  const source = place.db.collection<{ _id: string; estado: string }>('source')
  const pipeline = [{ $match: { 'fullDocument.estado': 'X' } }]
  await catchUp(place, { pipeline })
  await source.insertOne({ _id: 'a', estado: 'A' })
  await source.updateOne({ _id: 'a' }, { $set: { estado: 'X' } })
  expect(await catchUp(place, { pipeline }, place.client, 1)).toEqual(['a'])
  // The saved token's change no longer matches, now that the document is in another state.
  await source.updateOne({ _id: 'a' }, { $set: { estado: 'C' } })
  const { token } = (await saved(place))!
  await source.insertOne({ _id: 'b', estado: 'X' })
  const naive = source.watch(pipeline, { startAfter: { _data: token }, fullDocument: 'updateLookup' })
  await expect(naive.tryNext()).rejects.toMatchObject({ code: 280 })
  await naive.close()
  expect(await catchUp(place, { pipeline })).toEqual(['b'])
})

test('rule 2: the same when the server notices only after it has opened the stream, with the next change', async () => {
  await using place = await testDatabase(inject('mongoUri'))
  const source = place.db.collection<{ _id: string; estado: string }>('source')
  const pipeline = [{ $match: { 'fullDocument.estado': 'X' } }]
  await catchUp(place, { pipeline })
  await source.insertOne({ _id: 'a', estado: 'X' })
  expect(await catchUp(place, { pipeline }, place.client, 1)).toEqual(['a'])
  await source.deleteOne({ _id: 'a' })
  const stream = defineStream({ name: 's', watch: { collection: 'source' }, pipeline, handle: () => undefined })
  let onOpened = () => undefined as void
  const opened = new Promise<void>((resolve) => (onOpened = resolve))
  await using run = runStream(stream, { client: place.client, max: 1, observer: { opened: () => onOpened() } })
  await opened
  await source.insertOne({ _id: 'b', estado: 'X' })
  expect(await run.done).toMatchObject({ handled: 1 })
})

test('rule 3: a first start begins behind the last write; a time taken from a ping delivers that write once more', async () => {
  await using place = await testDatabase(inject('mongoUri'))
  const source = place.db.collection('source')
  await place.client.withSession(async (session) => {
    await source.insertOne({ _id: 'before' as never }, { session, writeConcern: { w: 'majority' } })
    // What a ping right behind the write answers on a server that nobody else writes to.
    const naive = source.watch([], { startAtOperationTime: session.operationTime! })
    expect((await naive.next()).operationType).toBe('insert')
    await naive.close()
  })
  expect(await catchUp(place)).toEqual([])
  await source.insertOne({ _id: 'after' as never })
  expect(await catchUp(place)).toEqual(['after'])
  expect(await place.db.collection('stream.history').find().toArray()).toMatchObject([{ stream: 's', action: 'start', rev: 0 }])
})

test('rule 3: a start at a past time hands over what was written since', async () => {
  await using place = await testDatabase(inject('mongoUri'))
  const at = new Date(Date.now() - 1000)
  await place.db.collection('source').insertOne({ _id: 'old' as never })
  expect(await catchUp(place, { start: { at } })).toEqual(['old'])
})

test('rule 5: the collection’s UUID is learnt from the first change', async () => {
  await using place = await testDatabase(inject('mongoUri'))
  await catchUp(place)
  expect((await saved(place))!['uuid'] ?? null).toBeNull()
  await place.db.collection('source').insertOne({})
  await catchUp(place)
  const [{ info }] = (await place.admin.listCollections({ name: 'source' }).toArray()) as unknown as [
    { info: { uuid: { toString(encoding: string): string } } },
  ]
  expect((await saved(place))!['uuid']).toBe(info.uuid.toString('hex').replaceAll('-', ''))
})

test('rule 13: reading and saving are majority on the primary, whatever the URI says: `local` is refused there with 72', async () => {
  await using place = await testDatabase(inject('mongoUri'))
  const naive = place.db.collection('source').watch([], { readConcern: { level: 'local' } })
  await expect(naive.tryNext()).rejects.toMatchObject({ code: 72 })
  await naive.close()
  const uri = `${place.uri}${place.uri.includes('?') ? '&' : '?'}readConcernLevel=local&readPreference=secondaryPreferred&w=0`
  const client = await new MongoClient(uri, { monitorCommands: true }).connect()
  try {
    const commits: unknown[] = []
    client.on(
      'commandStarted',
      ({ commandName, command }) =>
        commandName === 'update' && command['update'] === 'stream' && commits.push(command['writeConcern']),
    )
    await catchUp(place, {}, client)
    await place.db.collection('source').insertOne({ _id: 'a' as never }, { writeConcern: { w: 'majority' } })
    expect(await catchUp(place, {}, client)).toEqual(['a'])
    expect(commits.length).toBeGreaterThan(1)
    expect(
      commits.every(
        (concern) =>
          JSON.stringify(concern) === '{"w":"majority","j":true}' || JSON.stringify(concern) === '{"j":true,"w":"majority"}',
      ),
    ).toBe(true)
  } finally {
    await client.close()
  }
})

test('rule 32: a document of the Go service is adopted into one of our own, which the Go service cannot overwrite; it is never deleted', async () => {
  await using place = await testDatabase(inject('mongoUri'))
  const source = await place.db.createCollection('source')
  const states = place.db.collection('stream')
  const go = source.watch([])
  await go.tryNext()
  await source.insertMany([{ _id: 1 as never }, { _id: 2 as never }])
  const tokens = [await go.next(), await go.next()].map(({ _id }) => (_id as { _data: string })._data)
  await go.close()
  const older = { _id: new ObjectId(), stream: 's', token: tokens[0]! }
  await states.insertOne(older)

  expect(await catchUp(place)).toEqual([2])
  expect(await saved(place)).toMatchObject({ adopted: { token: tokens[0] } })
  expect(await place.db.collection('stream.history').find().toArray()).toMatchObject([
    { stream: 's', action: 'adopt', before: null, after: { token: tokens[0] } },
  ])
  expect(await saved(place)).not.toHaveProperty('stream')
  expect(await states.findOne({ _id: older._id })).toEqual(older)

  // With a field `stream`, as it has in an older document, ours would be overwritten by that service's update.
  const naive = await states.insertOne({ _id: 'naive' as never, stream: 's', token: 'ours' })
  await states.updateMany({ stream: 's' }, { $set: { token: tokens[0]! } })
  expect(await states.findOne({ _id: naive.insertedId })).toMatchObject({ token: tokens[0] })
  await states.deleteOne({ _id: naive.insertedId })

  // Only a service that still runs moves its token: both would handle each change.
  await states.updateOne({ stream: 's' }, { $set: { token: tokens[1]! } })
  await expect(catchUp(place)).rejects.toMatchObject({
    code: 'OLDER_SERVICE_RUNNING',
    exit: 5,
    message: expect.stringContaining('{stream: "s"}') as string,
  })
})

test('a state of a newer version is refused with STATE_TOO_NEW and left as it is', async () => {
  await using place = await testDatabase(inject('mongoUri'))
  await place.db.collection('stream').insertOne({ _id: 's' as never, v: 2, epoch: 1, rev: 1, token: '82' })
  await expect(catchUp(place)).rejects.toMatchObject({ code: 'STATE_TOO_NEW', exit: 2 })
  expect(await saved(place)).toMatchObject({ v: 2, epoch: 1, rev: 1 })
})

test('connectStream takes a collection of another client and keeps the token with the client it was given', async () => {
  await using watched = await testDatabase(inject('mongoUri'))
  await using state = await testDatabase(inject('mongoUri'))
  const stop = new AbortController()
  const connected = connectStream({
    signal: stop.signal,
    client: state.client,
    stream: 's',
    collection: watched.db.collection('source'),
    handler: () => stop.abort(),
  })
  await expect.poll(() => state.db.collection('stream').countDocuments()).toBe(1)
  await watched.db.collection('source').insertOne({})
  await connected
  expect(await state.db.collection('stream').findOne()).toMatchObject({ _id: 's', rev: 1 })
  expect(await watched.db.collection('stream').countDocuments()).toBe(0)
})

test('a client whose URI names no database is refused: `test` is never assumed', async () => {
  const client = new MongoClient(inject('mongoUri').replace(/\/[^/?]*(\?|$)/, '/$1'))
  await expect(
    connectStream({ signal: new AbortController().signal, client, stream: 's', collection: 'source', handler: () => undefined }),
  ).rejects.toMatchObject({
    code: 'NO_DATABASE',
    exit: 2,
  })
  await client.close()
})
