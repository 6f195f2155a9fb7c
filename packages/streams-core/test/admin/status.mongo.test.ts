import { ObjectId } from 'mongodb'
import { describe, expect, test } from 'vitest'
import { listStreams, planReset, streamNames, streamStatus } from '../../src/admin/index.js'
import { defineStream, runStream } from '../../src/index.js'
import { type Setting, caught, setting, statusWithLag } from './setting.js'

const status = async (at: Setting) => await statusWithLag(at.options)
const everything = async (at: Setting) => {
  const names = (await at.place.admin.listCollections({}, { nameOnly: true }).toArray()).map(({ name }) => name)
  return await Promise.all(names.map(async (name) => [name, await at.place.db.collection(name).find().toArray()]))
}
/** What a worker would have left in the documents. */
const leave = async (at: Setting, fields: object) => {
  await at.place.db.collection('stream').updateOne({}, { $set: fields })
}
const lease = async (at: Setting, remainingMs: number) => {
  const until = { $add: ['$$NOW', remainingMs] }
  await at.place.db.collection('stream.leases').updateOne({}, [{ $set: { owner: 'host/1/abcdef', until } }])
}

describe.concurrent('the list', () => {
  test('has every stream that is defined or saved, sorted, and none of the older service', async () => {
    await using at = await setting()
    await at.run()
    await at.place.db.collection('stream').insertMany([
      { ...(await at.state()), _id: 'gone' as never },
      { _id: new ObjectId(), stream: 'go', token: '82' },
    ])
    const unborn = defineStream({ name: 'unborn', watch: { collection: 'source' }, handle: () => undefined })
    const options = { ...at.options, streams: [unborn, at.stream] }
    expect((await listStreams(options)).map(({ name, state }) => [name, state])).toEqual([
      ['copies', 'stopped'],
      ['gone', 'orphan'],
      ['unborn', 'new'],
    ])
    expect(await streamNames(options)).toEqual(['copies', 'gone', 'unborn'])
    expect((await listStreams(options, { names: ['gone', 'nobody'] })).map(({ name }) => name)).toEqual(['gone'])
    expect((await listStreams({ client: at.place.client, streams: [] })).map(({ state }) => state)).toEqual(['orphan', 'orphan'])
  })

  test('of nothing is empty, and asking writes nothing', async () => {
    await using at = await setting()
    expect(await listStreams({ ...at.options, streams: [] })).toEqual([])
    await at.run()
    await at.insert(1)
    const before = await everything(at)
    await listStreams(at.options)
    await status(at)
    expect(await everything(at)).toEqual(before)
  })

  test('refuses a state that a newer version wrote', async () => {
    await using at = await setting()
    await at.run()
    await leave(at, { v: 2 })
    expect(await caught(listStreams(at.options))).toMatchObject({ code: 'STATE_TOO_NEW', exit: 2 })
  })
})

describe.concurrent('a status', () => {
  test('of a new stream has nothing but its name', async () => {
    await using at = await setting()
    expect(await streamStatus(at.options, 'copies')).toEqual({
      name: 'copies',
      state: 'new',
      position: null,
      lagMs: null,
      stuckMs: null,
      backfill: null,
      gaps: [],
      headroomMs: null,
      parked: 0,
      held: 0,
      parkedSince: null,
      owner: null,
      lease: null,
      rev: 0,
      paused: null,
      pausedUntil: null,
      pauseSeenAt: null,
      lastError: null,
      restarts: 0,
      fingerprint: { hash: expect.stringMatching(/^[0-9a-f]{16}$/), savedHash: null, drift: false },
      reader: 'own',
      batches: null,
    })
    expect(await caught(streamStatus(at.options, 'nobody'))).toMatchObject({ code: 'UNKNOWN_STREAM', exit: 4 })
  })

  test('of a running stream that has caught up is idle with its owner; after the stop it is stopped', async () => {
    await using at = await setting()
    {
      await using run = runStream(at.stream, { client: at.place.client, owner: 'host/1/abcdef' })
      await at.insert(1)
      await run.whenCaughtUp()
      const { position } = run.status
      expect(await status(at)).toMatchObject({
        state: 'idle',
        owner: 'host/1/abcdef',
        lagMs: 0,
        position: { token: position?.token },
      })
    }
    expect(await status(at)).toMatchObject({ state: 'stopped', owner: null, lagMs: 0 })
  })

  test('counts the lag from the oldest change that matches, and zero again once it is settled', async ({ expect }) => {
    await using at = await setting({ pipeline: [{ $match: { 'documentKey._id': { $gte: 2 } } }] })
    await at.run()
    await at.insert(1)
    expect(await status(at)).toMatchObject({ state: 'stopped', lagMs: 0 })
    await at.insert(2)
    const inserted = Date.now()
    expect((await status(at)).lagMs).toBeGreaterThan(0)
    // The server’s write dates have whole seconds.
    await expect.poll(() => Date.now() - inserted).toBeGreaterThan(2200)
    await at.insert(3)
    expect((await status(at)).lagMs).toBeGreaterThan(1000)
    await at.run()
    expect((await status(at)).lagMs).toBe(0)
  })

  test('tells a halted, a paused, a stale, an idle and a running worker apart', async () => {
    await using at = await setting()
    await at.run()
    const state = async () => (await status(at)).state
    const lastError = { code: 'HANDLER_FAILED', name: 'TypeError', at: new Date() }
    await leave(at, { lastError })
    expect(await status(at), 'as an older version left it').toMatchObject({
      state: 'halted',
      lastError: { ...lastError, token: null },
    })
    await leave(at, { lastError: { ...lastError, token: '82AB' } })
    expect(await status(at)).toMatchObject({ state: 'halted', lastError: { ...lastError, token: '82AB' } })
    await leave(at, { lastError: null, paused: 'stocktaking' })
    expect(await status(at)).toMatchObject({ state: 'paused', paused: 'stocktaking' })
    await leave(at, { paused: null })
    await lease(at, -1)
    expect(await status(at)).toMatchObject({ state: 'stale', owner: 'host/1/abcdef' })
    await lease(at, 60_000)
    expect(await status(at)).toMatchObject({
      state: 'idle',
      owner: 'host/1/abcdef',
      lease: { expiresAt: expect.any(Date) as Date },
    })
    await at.insert(1)
    expect(await state()).toBe('running')
    // Not stuck: the change has just come, however long the stream was quiet before.
    await leave(at, { movedAt: new Date(Date.now() - 121_000) })
    expect(await state()).toBe('running')
  })

  test('says how long the server remembers the position, and whether the definition has changed since', async ({ expect }) => {
    await using at = await setting()
    await at.run()
    // There is no rate as long as the oplog holds one second.
    const headroomMs = async () => {
      await at.insert(new ObjectId())
      return (await status(at)).headroomMs
    }
    await expect.poll(headroomMs).toBeGreaterThan(60_000)
    const changed = { ...at.options, streams: [{ ...at.stream, pipeline: [{ $match: { operationType: 'insert' } }] }] }
    expect((await streamStatus(changed, 'copies')).fingerprint).toMatchObject({ drift: true })
    expect((await status(at)).fingerprint.drift).toBe(false)
  })

  test.for([
    ['a database', {}],
    ['the cluster', { database: '*' }],
  ] as const)('of a stream on %s counts its lag and its plans too', async ([, watch], { expect }) => {
    await using at = await setting({ watch })
    if ('database' in watch) await at.place.widen(watch.database)
    const pipeline = [{ $match: { 'ns.db': at.place.name, 'ns.coll': 'source' } }]
    const options = { ...at.options, streams: [{ ...at.stream, pipeline }] }
    await runStream(options.streams[0]!, { client: at.place.client, until: 'caught-up' }).done
    expect(await statusWithLag(options)).toMatchObject({ lagMs: 0 })
    await at.insert(1, 2)
    expect(await planReset(options, 'copies', { kind: 'latest' })).toMatchObject({ changes: { count: 2, exact: true } })
    expect((await statusWithLag(options)).lagMs).toBeGreaterThan(0)
  })
})
