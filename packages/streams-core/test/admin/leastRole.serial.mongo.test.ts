import { MongoClient } from 'mongodb'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import {
  type Privilege,
  applyReset,
  diagnose,
  history,
  leastRoles,
  planLetters,
  planReset,
  redriveLetters,
  streamStatus,
} from '../../src/admin/index.js'
import { DeadLetterError, StreamError, defineStream, runStream } from '../../src/index.js'
import { oplogWindow } from '../../src/mongo/oplogWindow.js'
import { type ReplicaSet, startReplicaSet } from '../../src/testing/index.js'
import { asUser } from '../../src/testing/logins.js'
import { caught, operator, statusWithLag } from './setting.js'

test('each connection gets a role of its own: what is watched there, what is written there, and the state where it is', async () => {
  // Nothing is asked of a server: the clients never connect.
  const clients = Object.fromEntries(
    ['default', 'archive', 'idle', 'positions'].map((name) => [name, new MongoClient(`mongodb://${name}/db`)]),
  )
  const copying = defineStream({
    name: 'copies',
    watch: { collection: 'source' },
    targets: { copies: { connection: 'archive', collection: 'copies' } },
    handle: () => undefined,
  })
  const roles = leastRoles({ connections: clients, streams: [copying], state: { connection: 'positions' } })
  const of = Object.fromEntries(
    roles.map(({ connections, privileges }) => [connections.join(), privileges.map(({ resource }) => resource.collection)]),
  )
  expect(of).toEqual({
    default: ['source', 'oplog.rs'],
    archive: ['copies', 'oplog.rs'],
    positions: ['stream', 'stream.leases', 'stream.history', 'stream.deadLetters', 'oplog.rs'],
  })
})

const stream = defineStream({ name: 'copies', watch: { collection: 'source' }, handle: () => undefined })

test('a user who may not read the oplog gets a headroom of null and plans without a window; only earliest is refused, saying what to grant', async () => {
  await using set = await startReplicaSet({ auth: true })
  await using root = new MongoClient(set.uri)
  const roles = [{ role: 'readWrite', db: 'boletia_test_role' }]
  await root.db('admin').command({ createUser: 'worker', pwd: 'pwd', roles })
  await using client = new MongoClient(asUser(set.uriFor('boletia_test_role'), 'worker', 'pwd'))
  const options = { client, streams: [stream] }
  await client.db().createCollection('source')
  await runStream(stream, { client, until: 'caught-up' }).done
  await client.db().collection('source').insertOne({})

  expect(await statusWithLag(options)).toMatchObject({
    state: 'stopped',
    headroomMs: null,
    lagMs: expect.any(Number) as number,
  })
  const plan = await planReset(options, 'copies', { kind: 'latest' })
  expect(plan).toMatchObject({ oplog: null, headroomMs: null, changes: { count: 1, exact: true } })
  await applyReset(options, plan, operator)
  expect((await history(options, 'copies')).map(({ action }) => action)).toEqual(['reset', 'start'])
  const refused = { code: 'UNAUTHORISED', exit: 8, message: expect.stringContaining('read on local') as string }
  expect(await caught(planReset(options, 'copies', { kind: 'earliest' }))).toMatchObject(refused)
})

describe('the role of doctor --role', () => {
  let set: ReplicaSet
  let root: MongoClient
  beforeAll(async () => {
    set = await startReplicaSet({ auth: true })
    root = new MongoClient(set.uri)
    // Headroom is known once the oplog holds more than a second.
    await vi.waitUntil(
      async () => {
        await root.db('elsewhere').collection('elsewhere').insertOne({})
        const { first, last } = (await oplogWindow(root))!
        return last.t > first.t
      },
      { timeout: 30_000, interval: 50 },
    )
  })
  afterAll(async () => {
    await root.close()
    await set.stop()
  })

  const world = (client: MongoClient, state = { broken: false }) => ({
    client,
    streams: [
      defineStream<{ _id: number }>({
        name: 'copies',
        watch: { collection: 'source' },
        targets: { copy: { collection: 'copies', indexes: [{ key: { nombre: 1 } }] } },
        onError: 'park',
        fullDocument: 'whenAvailable',
        async handle({ documentKey }, { target }) {
          if (documentKey!._id === 2 && state.broken) throw new DeadLetterError('poison')
          const copies = target<{ _id: number; seen?: boolean }>('copy')
          await copies.insertOne({ _id: documentKey!._id as number })
          await copies.findOne({})
          await copies.updateOne({}, { $set: { seen: true } })
          await copies.deleteOne({})
        },
      }),
    ],
  })

  /** What a worker and an operator do, step by step, as a user with this role; what failed first, and how. */
  async function live(database: string, granted: (role: readonly Privilege[]) => readonly Privilege[]): Promise<string> {
    const state = { broken: true }
    const admin = root.db('admin')
    await root.db(database).createCollection('source', { changeStreamPreAndPostImages: { enabled: true } })
    const privileges = granted(leastRoles({ ...world(root), database })[0]!.privileges)
    await admin.command({ createRole: database, privileges, roles: [] })
    await admin.command({ createUser: database, pwd: 'pwd', roles: [database], mechanisms: ['SCRAM-SHA-256'] })
    await using client = new MongoClient(set.uri.replace(/\/\/.*@/, `//${database}:pwd@`))
    const options = { ...world(client, state), database }
    const run = async () => await runStream(options.streams[0]!, { client, database, until: 'caught-up' }).done
    const source = root.db(database).collection<{ _id: number }>('source')
    const steps: Record<string, () => Promise<unknown>> = {
      start: run,
      handle: async () => (await source.insertMany([{ _id: 1 }]), await run()),
      park: async () => (await source.insertMany([{ _id: 2 }]), await run()),
      figures: async () => expect((await streamStatus(options, 'copies')).headroomMs).not.toBeNull(),
      doctor: async () => {
        const about = ['indexes', 'post-images', 'database-user']
        const found = (await diagnose(options)).filter((one) => about.includes(one.about) && one.level !== 'ok')
        expect(found).toEqual([])
      },
      redrive: async () => {
        state.broken = false
        await redriveLetters(options, await planLetters(options, 'copies', {}), { by: 'ana', reason: null })
      },
      reset: async () => await applyReset(options, await planReset(options, 'copies', { kind: 'latest' }), operator),
      history: async () => expect((await history(options, 'copies')).length).toBeGreaterThan(1),
    }
    for (const [name, step] of Object.entries(steps)) {
      const error = await caught(step())
      if (error !== null) return `${name}: ${error instanceof StreamError ? error.code : 'not known'}`
    }
    return 'well'
  }

  test('is enough for a worker and an operator', async () => {
    expect(await live('enough', (role) => role)).toBe('well')
  })

  test('is the least: without any one of its actions something that has a name fails', async () => {
    const found: Record<string, string> = {}
    const role = leastRoles({ ...world(root), database: 'any' })[0]!.privileges
    const all = role.flatMap(({ resource: { db, collection }, actions }) => actions.map((action) => ({ db, collection, action })))
    const without = async ({ db, collection, action }: (typeof all)[number], index: number) => {
      const lessened = (privileges: readonly Privilege[]) =>
        privileges
          .map((one) =>
            one.resource.collection === collection ? { ...one, actions: one.actions.filter((each) => each !== action) } : one,
          )
          .filter(({ actions }) => actions.length > 0)
      found[`${action} on ${db === 'any' && collection !== '' ? '' : `${db}.`}${collection}`] = await live(
        `least${index}`,
        lessened,
      )
    }
    // A few at a time: each is a life of its own in a database of its own.
    for (let start = 0; start < all.length; start += 6)
      await Promise.all(all.slice(start, start + 6).map((one, n) => without(one, start + n)))
    // What a handler does to its targets is its own affair; the engine's writes to them are like these.
    expect(found).toEqual({
      'changeStream on source': 'start: UNAUTHORISED',
      'collStats on local.oplog.rs': 'figures: not known',
      'createIndex on copies': 'start: UNAUTHORISED',
      'createIndex on stream.deadLetters': 'start: UNAUTHORISED',
      'createIndex on stream.history': 'start: UNAUTHORISED',
      'find on copies': 'handle: HANDLER_FAILED',
      'find on local.oplog.rs': 'figures: not known',
      'find on source': 'start: UNAUTHORISED',
      'find on stream': 'start: UNAUTHORISED',
      'find on stream.deadLetters': 'start: UNAUTHORISED',
      'find on stream.history': 'history: UNAUTHORISED',
      'find on stream.leases': 'start: UNAUTHORISED',
      'insert on copies': 'start: UNAUTHORISED',
      'insert on stream': 'start: UNAUTHORISED',
      'insert on stream.deadLetters': 'start: UNAUTHORISED',
      'insert on stream.history': 'start: UNAUTHORISED',
      'insert on stream.leases': 'start: UNAUTHORISED',
      'listCollections on any.': 'doctor: not known',
      'listIndexes on copies': 'doctor: not known',
      'remove on copies': 'handle: HANDLER_FAILED',
      'remove on stream.deadLetters': 'redrive: UNAUTHORISED',
      'update on copies': 'handle: HANDLER_FAILED',
      'update on stream': 'start: UNAUTHORISED',
      'update on stream.deadLetters': 'park: PARK_FAILED',
      'update on stream.history': 'start: UNAUTHORISED',
      'update on stream.leases': 'start: UNAUTHORISED',
    })
  })
})
