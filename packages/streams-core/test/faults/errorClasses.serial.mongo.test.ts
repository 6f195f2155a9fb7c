import { type Document, Long, MongoClient } from 'mongodb'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { knownErrors } from '../../src/core/errorClass.js'
import { compareTokens } from '../../src/core/position.js'
import { type ErrorCode, errorCodes } from '../../src/errorCodes.js'
import { type StreamError, defineStream, runStream } from '../../src/index.js'
import { type ReplicaSet, type TestDatabase, startReplicaSet, testDatabase } from '../../src/testing/index.js'
import { caught } from '../admin/setting.js'
import { failCommand } from './failCommand.js'

let set: ReplicaSet
let place: TestDatabase
let admin: MongoClient
let client: MongoClient
beforeAll(async () => {
  set = await startReplicaSet({ auth: true, setParameters: { enableTestCommands: true } })
  place = await testDatabase(set.uri)
  admin = place.admin.client
  // A server that is really going away wakes the monitors itself; after a false word of it they would wait for their next turn.
  client = new MongoClient(place.uri, { appName: 'stream', heartbeatFrequencyMS: 500 })
  await client.db().createCollection('source')
  for (const stream of [handling, projecting]) await runStream(stream, { client, until: 'caught-up' }).done
})
afterAll(async () => {
  await client.close()
  await place[Symbol.asyncDispose]()
  await set.stop()
})

const handed: number[] = []
let lastToken = ''
const handling = defineStream({
  name: 'handling',
  watch: { collection: 'source' },
  handle: (change, { token }) => {
    handed.push(Number(change.documentKey?._id))
    lastToken = token
  },
})
const projecting = defineStream({
  name: 'projecting',
  watch: { collection: 'source' },
  targets: { counts: { collection: 'counts' } },
  project: (change) => [
    { target: 'counts', updateOne: { filter: { _id: change.documentKey?._id }, update: { $inc: { n: 1 } }, upsert: true } },
  ],
})

let inserted = 0
const insert = async () => {
  inserted += 1
  await place.db.collection<{ _id: number }>('source').insertOne({ _id: inserted })
}

const collections = { aggregate: 'source', getMore: 'source', update: 'stream' } as const
const places = Object.keys(collections) as (keyof typeof collections)[]
const namespaceOf = (command: keyof typeof collections) => `${place.name}.${collections[command]}`
const fatal = [...knownErrors].filter(([, [, fate]]) => fate !== 'server') as [number, [string, ErrorCode]][]
// Beside those of the table: what nobody knows (a number of no server, an internal error) is worth another try too.
const passing = [...[...knownErrors].filter(([, [, fate]]) => fate === 'server').map(([code]) => code), 8, 1, 99_999]

const todo: Partial<Record<ErrorCode, string>> = {
  HISTORY_LOST: 'boletia-streams reset',
  TOKEN_UNUSABLE: 'boletia-streams reset',
  UNAUTHORISED: 'grant',
  IMAGE_MISSING: 'whenAvailable',
  NOT_A_REPLICA_SET: '--replSet',
  SERVER_REFUSED: 'pipeline or options',
}

for (const command of places) {
  test(`every fatal number on ${command} ends the run with its code, its exit and what to do, and nothing is lost by starting again`, async () => {
    await caughtUp()
    await insert()
    for (const [code, [, expected]] of fatal) {
      // Nothing about a token or a pipeline comes back from an update.
      if (command === 'update' && !['UNAUTHORISED', 'SERVER_REFUSED'].includes(expected)) continue
      await using _on = await failCommand(admin, { command, namespace: namespaceOf(command), code })
      const ends = [handling, projecting].map(async (stream) => {
        // A write that the server refuses may be the change's fault: there it is HANDLER_FAILED.
        if (command === 'update' && stream === projecting && expected !== 'UNAUTHORISED') return
        const error = (await caught(runStream(stream, { client }).done)) as StreamError
        expect({ code, stream: stream.name, error: error?.code }).toEqual({ code, stream: stream.name, error: expected })
        expect(error.exit).toBe(errorCodes[expected].exit)
        expect(error.message).toContain(todo[expected])
      })
      await Promise.all(ends)
    }
    await caughtUp()
  })

  test(`every other number on ${command} is passed by: reading goes on, nothing is lost, a projection is exactly once`, async () => {
    await caughtUp()
    await using handle = runStream(handling, { client })
    await using project = runStream(projecting, { client })
    const runs = [handle, project]
    await expect.poll(() => runs.map((run) => run.status.phase)).toEqual(['running', 'running'])
    for (const code of passing) {
      // More often than the driver itself tries again.
      await using _on = await failCommand(admin, { command, namespace: namespaceOf(command), code, times: 3 })
      // Opening happens after something else has failed.
      if (command === 'aggregate') await killCursors()
      await insert()
      await expect.poll(() => [code, handed.at(-1)], { interval: 5 }).toEqual([code, inserted])
      // A heartbeat may have brought it further meanwhile.
      const reached = () => compareTokens(project.status.position?.token ?? '', lastToken) >= 0
      await expect.poll(() => [code, reached()], { interval: 5 }).toEqual([code, true])
    }
    await Promise.all(runs.map((run) => run.stop()))
    await caughtUp()
  }, 120_000)
}

/** The change streams of the test's client end, as an operator or a restart of a mongos ends them; the server shows none while it goes from idle to work. */
async function killCursors(): Promise<void> {
  const open = () =>
    admin
      .db('admin')
      .aggregate([
        { $currentOp: { idleCursors: true, allUsers: true } },
        { $match: { appName: 'stream', ns: namespaceOf('getMore'), cursor: { $exists: true } } },
      ])
      .toArray()
  let cursors: Document[] = []
  await expect.poll(async () => (cursors = await open()).length).toBeGreaterThan(0)
  await place.admin.command({ killCursors: 'source', cursors: cursors.map(({ cursor }) => Long.fromValue(cursor.cursorId)) })
}

async function caughtUp(): Promise<void> {
  await Promise.all([handling, projecting].map((stream) => runStream(stream, { client, until: 'caught-up' }).done))
  const ids = Array.from({ length: inserted }, (_, index) => index + 1)
  expect([...new Set(handed)].sort((a, b) => a - b)).toEqual(ids)
  expect(
    await client
      .db()
      .collection('counts')
      .find({}, { sort: { _id: 1 } })
      .toArray(),
  ).toEqual(ids.map((_id) => ({ _id, n: 1 })))
}
