import { type Document, Long, MongoClient } from 'mongodb'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { defineStream, runStream } from '../../src/index.js'
import { type ReplicaSet, type TestDatabase, startReplicaSet, testDatabase } from '../../src/testing/index.js'

let set: ReplicaSet
let place: TestDatabase
let admin: MongoClient
beforeAll(async () => {
  set = await startReplicaSet({ auth: true })
  place = await testDatabase(set.uri)
  admin = place.admin.client
  await place.db.createCollection('source')
})
afterAll(async () => {
  await place[Symbol.asyncDispose]()
  await set.stop()
})

const operations = async (match: Document) =>
  await admin
    .db('admin')
    .aggregate([{ $currentOp: { allUsers: true, idleCursors: true } }, { $match: { ns: `${place.name}.source`, ...match } }])
    .toArray()

/** Those of the reading, once there are any: after a fault it begins again after a while. */
async function found(match: Document): Promise<Document[]> {
  let ops: Document[] = []
  await expect.poll(async () => (ops = await operations(match)).length).toBeGreaterThan(0)
  return ops
}

const cursorOf = { 'cursor.cursorId': { $exists: true } }

// What an operator, or a script that tidies up, does to the reading of a stream.
const killers: Record<string, () => Promise<void>> = {
  async killCursors() {
    const cursors = (await found(cursorOf)).map(({ cursor }) => Long.fromValue(cursor.cursorId))
    await place.admin.command({ killCursors: 'source', cursors })
  },
  async killOp() {
    for (const { opid } of await found({ op: 'getmore' })) await admin.db('admin').command({ killOp: 1, op: opid })
  },
  async killSessions() {
    const ids = (await found({ ...cursorOf, lsid: { $exists: true } })).map(({ lsid }) => lsid as unknown)
    await admin.db('admin').command({ killSessions: ids })
  },
  async killAllSessions() {
    await found(cursorOf)
    await admin.db('admin').command({ killAllSessions: [] })
  },
}

test.each(Object.keys(killers))(
  '%s of the reading is passed by: it goes on from the checkpoint, nothing is lost, a projection is exactly once',
  async (how) => {
    await using client = new MongoClient(place.uri)
    const handed: unknown[] = []
    const common = { watch: { collection: 'source' } }
    const handling = defineStream({
      ...common,
      name: `handling-${how}`,
      handle: (change) => void handed.push(change.documentKey?._id),
    })
    const projecting = defineStream({
      ...common,
      name: `projecting-${how}`,
      targets: { counts: { collection: `counts ${how}` } },
      project: (change) => [
        { target: 'counts', updateOne: { filter: { _id: change.documentKey?._id }, update: { $inc: { n: 1 } }, upsert: true } },
      ],
    })
    let reopened = 0
    const observer = { reopening: () => void (reopened += 1) }
    await using first = runStream(handling, { client, observer })
    await using second = runStream(projecting, { client, observer })
    await expect.poll(() => [first.status.phase, second.status.phase]).toEqual(['running', 'running'])
    const ids: string[] = []
    for (let time = 0; time < 10; time += 1) {
      const _id = `${how} ${time}`
      ids.push(_id)
      await place.db.collection<{ _id: string }>('source').insertOne({ _id })
      const before = reopened
      // What was just ending when it was found is not hit.
      const isHit = async () => {
        await killers[how]!()
        return reopened > before
      }
      await expect.poll(isHit).toBe(true)
    }
    await expect.poll(() => [...new Set(handed)]).toEqual(ids)
    const counts = () =>
      client
        .db()
        .collection(`counts ${how}`)
        .find({}, { sort: { _id: 1 } })
        .toArray()
    await expect.poll(counts).toEqual(ids.map((_id) => ({ _id, n: 1 })))
    await Promise.all([first.stop(), second.stop()])
    await Promise.all([first.done, second.done])
  },
)
