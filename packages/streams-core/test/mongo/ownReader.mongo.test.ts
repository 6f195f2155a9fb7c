import { type ClientSession, MongoClient } from 'mongodb'
import { expect, inject, test, vi } from 'vitest'
import { listStreams } from '../../src/admin/index.js'
import { defineStream, runStream } from '../../src/index.js'
import { mongoChangeSource } from '../../src/mongo/changeSource.js'
import { testDatabase } from '../../src/testing/index.js'

const never = new AbortController().signal
const stream = defineStream({ name: 'own', watch: { collection: 'watched' }, handle: () => undefined })
const patient = { timeout: 30_000, interval: 20 }

test('one batch is asked for ahead, and none more until it is taken: a slow handler stops the reading', async () => {
  await using place = await testDatabase(inject('mongoUri'))
  await using client = new MongoClient(place.uri, { monitorCommands: true })
  const watched = await place.db.createCollection<{ _id: number }>('watched')
  const source = mongoChangeSource(stream, { client, database: place.name, collection: 'watched' })
  const from = await source.anchor('now')
  await watched.insertMany(
    Array.from({ length: 3100 }, (_, _id) => ({ _id })),
    { writeConcern: { w: 'majority' } },
  )
  let asked = 0
  let answered = 0
  client.on('commandStarted', ({ commandName }) => void (commandName === 'getMore' && (asked += 1)))
  client.on('commandSucceeded', ({ commandName }) => void (commandName === 'getMore' && (answered += 1)))

  await using reader = await source.open(from)
  const ids: unknown[] = []
  for (let taken = 1; taken <= 4; taken += 1) {
    const read = await reader.next(never)
    expect(read.kind).toBe('changes')
    if (read.kind === 'changes') ids.push(...read.changes.map(({ change }) => change.documentKey?._id))
    // Asked for while this one is handled, and no more however long that takes: a reader that runs ahead would have asked again by now.
    expect(asked).toBe(taken)
    if (taken < 4) await vi.waitFor(() => expect(answered).toBe(taken), patient)
    for (let i = 0; i < 5; i += 1) await place.db.command({ ping: 1 })
    expect(asked).toBe(taken)
  }
  expect(ids).toEqual(Array.from({ length: 3100 }, (_, i) => i))
})

test('the first batch is small, so that a backlog’s first change does not wait for a thousand; what was reached is never more than what was returned, although the next batch has long arrived', async () => {
  await using place = await testDatabase(inject('mongoUri'))
  const watched = await place.db.createCollection<{ _id: number }>('watched')
  const source = mongoChangeSource(stream, { client: place.client, database: place.name, collection: 'watched' })
  const from = await source.anchor('now')
  await watched.insertMany(
    Array.from({ length: 2500 }, (_, _id) => ({ _id })),
    { writeConcern: { w: 'majority' } },
  )
  await using reader = await source.open(from)
  expect(reader.reached).toBeNull()
  for (const [at, length] of [100, 1000, 1000, 400].entries()) {
    const before = reader.reached
    const read = await reader.next(never)
    if (read.kind !== 'changes') throw new Error(read.kind)
    expect(read.changes).toHaveLength(length)
    expect(before === null || before.token < read.changes[0]!.position.token).toBe(true)
    expect(reader.reached!.token >= read.changes.at(-1)!.position.token).toBe(true)
    // The next one arrives.
    for (let i = 0; i < 5; i += 1) await place.db.command({ ping: 1 })
    expect(at === 3 || reader.reached!.token === read.changes.at(-1)!.position.token).toBe(true)
  }
})

test('a reader that does not exist is refused by name: it would be read by another one in silence', async () => {
  await using place = await testDatabase(inject('mongoUri'))
  expect(() => runStream(stream, { client: place.client, reader: 'shared' as never })).toThrow(
    'reader must be own or driver; got shared',
  )
})

test('a run reads in a session that its lease lists, and status and list say how it reads', async () => {
  await using place = await testDatabase(inject('mongoUri'))
  await place.db.createCollection('watched')
  const reading = () =>
    place.client
      .db('admin')
      .aggregate<{ lsid: { id: unknown } }>([
        { $currentOp: { idleCursors: true } },
        { $match: { ns: `${place.name}.watched`, lsid: { $exists: true } } },
      ])
      .toArray()

  const options = { client: place.client, database: place.name, leaseTtlMs: 300 }
  for (const reader of ['own', 'driver'] as const) {
    await using run = runStream(stream, { ...options, reader })
    await run.whenCaughtUp()
    expect(run.status.reader).toBe(reader)
    await vi.waitFor(async () => {
      const lease = await place.db.collection('stream.leases').findOne<{ sessions: { id: unknown }[] }>({})
      const cursors = await reading()
      expect(cursors).toHaveLength(1)
      const listed = lease!.sessions.map(({ id }) => String(id))
      expect(listed.includes(String(cursors[0]!.lsid.id))).toBe(reader === 'own')
    }, patient)
    await vi.waitFor(async () => {
      const [status] = await listStreams({ ...options, streams: [stream] })
      expect(status?.reader).toBe(reader)
    }, patient)
  }
})

test('a reader that cannot be opened leaves no session behind: a stream opens again and again for as long as it cannot read', async () => {
  await using place = await testDatabase(inject('mongoUri'))
  await place.db.createCollection('watched')
  const namespace = { client: place.client, database: place.name, collection: 'watched' }
  const from = await mongoChangeSource(stream, namespace).anchor('now')
  const refused = mongoChangeSource({ ...stream, pipeline: [{ $noSuchStage: {} }] }, namespace)
  const sessions: ClientSession[] = []
  const start = place.client.startSession.bind(place.client)
  place.client.startSession = (options) => {
    const session = start(options)
    sessions.push(session)
    return session
  }
  for (let tried = 0; tried < 3; tried += 1) await expect(refused.open(from)).rejects.toMatchObject({ code: 40324 })
  expect(sessions.length).toBeGreaterThanOrEqual(3)
  await expect.poll(() => sessions.filter(({ hasEnded }) => !hasEnded)).toHaveLength(0)
})
