import { type Document, MongoClient } from 'mongodb'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { defineStream, runStream } from '../../src/index.js'
import { type ReplicaSet, startReplicaSet } from '../../src/testing/index.js'

const database = 'boletia_test_killed'
let set: ReplicaSet
let admin: MongoClient
beforeAll(async () => {
  set = await startReplicaSet()
  admin = new MongoClient(set.uri)
  await admin.db(database).createCollection('source')
})
afterAll(async () => {
  await admin.close()
  await set.stop()
})

const operations = async (match: Document) =>
  await admin
    .db('admin')
    .aggregate([{ $currentOp: { allUsers: true, idleCursors: true } }, { $match: { ns: `${database}.source`, ...match } }])
    .toArray()

const cursorOf = { 'cursor.cursorId': { $exists: true } }

// What an operator, or a script that tidies up, does to the reading of a stream.
const killers: Record<string, () => Promise<number>> = {
  async killCursors() {
    const cursors = (await operations(cursorOf)).map(({ cursor }) => cursor.cursorId as unknown)
    await admin.db(database).command({ killCursors: 'source', cursors })
    return cursors.length
  },
  async killOp() {
    let ops: Document[] = []
    await expect.poll(async () => (ops = await operations({ op: 'getmore' })).length).toBeGreaterThan(0)
    for (const { opid } of ops) await admin.db('admin').command({ killOp: 1, op: opid })
    return ops.length
  },
  async killSessions() {
    const ids = (await operations(cursorOf)).flatMap(({ lsid }) => (lsid ? [{ id: lsid.id as unknown }] : []))
    await admin.db('admin').command({ killSessions: ids })
    return ids.length
  },
  async killAllSessions() {
    await admin.db('admin').command({ killAllSessions: [] })
    return 1
  },
}

test.each(Object.keys(killers))(
  '%s of the reading is passed by: it goes on from the checkpoint, nothing is lost, a projection is exactly once',
  async (how) => {
    await using client = new MongoClient(set.uriFor(database))
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
    await using first = runStream(handling, { client })
    await using second = runStream(projecting, { client })
    await expect.poll(() => [first.status.phase, second.status.phase]).toEqual(['running', 'running'])
    const ids: string[] = []
    let killed = 0
    for (let time = 0; time < 10; time += 1) {
      const _id = `${how} ${time}`
      ids.push(_id)
      await admin.db(database).collection<{ _id: string }>('source').insertOne({ _id })
      killed += await killers[how]!()
    }
    expect(killed).toBeGreaterThan(0)
    await expect.poll(() => [...new Set(handed)], { timeout: 10_000 }).toEqual(ids)
    const counts = () =>
      client
        .db()
        .collection(`counts ${how}`)
        .find({}, { sort: { _id: 1 } })
        .toArray()
    await expect.poll(counts, { timeout: 10_000 }).toEqual(ids.map((_id) => ({ _id, n: 1 })))
    await Promise.all([first.stop(), second.stop()])
    await Promise.all([first.done, second.done])
  },
)
