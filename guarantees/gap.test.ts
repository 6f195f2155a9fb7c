// What a stream does by itself when the oplog has forgotten its position, killed in the midst of it.
import { spawnSync } from 'node:child_process'
import { type ReplicaSet, startReplicaSet } from '@boletia/streams-core/testing'
import { type Db, MongoClient } from 'mongodb'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { oplogForgets } from '../test/support/oplogForgets.js'
import type { Existing } from './harness/existing.js'
import { ownDatabase } from './harness/ownDatabase.js'
import { programPath } from './harness/paths.js'
import { startProgram } from './harness/program.js'
import { ambushAt, diedOfKill, ordinary } from './harness/workers.js'
import { copying } from './programs/copying.js'

const timeout = 240_000
const durable = { writeConcern: { w: 'majority' as const } }
let set: ReplicaSet
let client: MongoClient
beforeAll(async () => {
  set = await startReplicaSet({ auth: true, oplogSizeMb: 1, args: ['--syncdelay', '1'] })
  client = await new MongoClient(set.uri).connect()
})
afterAll(async () => {
  await client.close()
  await set.stop()
})

const range = (from: number, to: number) => Array.from({ length: to - from }, (_, n) => ({ _id: from + n, n: 0 }))

/** A copy that is up to date; then 30 documents are changed and 30 are added, and the oplog forgets all of it. */
async function forgotten(onHistoryLost: 'backfill' | 'now') {
  const { name, uri, rootUri } = await ownDatabase(set, [copying('project')])
  const db = client.db(name)
  const source = db.collection<Existing>('source')
  await source.insertMany(range(0, 300), durable)
  const start = (order: object = {}) => {
    const program = startProgram('copies', [uri, 'project', onHistoryLost])
    program.order({ ...ordinary, ...order })
    return program
  }
  const toEnd = async () => {
    await using worker = start({ untilCaughtUp: true })
    await worker.heard(timeout, 'ended')
  }
  await toEnd()
  await source.updateMany({ _id: { $lt: 30 } }, { $inc: { n: 1 } }, durable)
  await source.insertMany(range(300, 330), durable)
  const token = (await saved(db))?.['token'] as string
  await oplogForgets(client, db, Number.parseInt(token.slice(2, 10), 16) + 1)
  const compared = () => {
    const { stdout } = spawnSync(process.execPath, [programPath('sameCopy'), rootUri], { encoding: 'utf8' })
    const { missing, different, extra } = JSON.parse(stdout) as Record<string, number>
    return { missing, different, extra }
  }
  return { db, start, toEnd, compared }
}

const saved = async (db: Db) => await db.collection('stream').findOne({ _id: 'copies' as never })
const rows = async (db: Db) => await db.collection('stream.history').countDocuments({ action: 'history-lost' })

test(
  'onHistoryLost: backfill, killed before and after its one commit: the gap is recorded once, with its row in the history, and the copy ends equal',
  { timeout },
  async () => {
    const { db, start, toEnd, compared } = await forgotten('backfill')
    const before = await saved(db)
    for (const { point, gaps } of [
      { point: 'gap.anchored', gaps: 0 },
      { point: 'gap.passed', gaps: 1 },
    ] as const) {
      await using worker = start({ ambushes: [ambushAt(point, 1, 'SIGKILL')] })
      await diedOfKill(worker, timeout)
      const state = await saved(db)
      expect({ point, gaps: (state?.['gaps'] ?? []).length, rows: await rows(db) }).toEqual({ point, gaps, rows: gaps })
      expect(state?.['token'] === before?.['token']).toBe(gaps === 0)
    }
    await toEnd()
    expect(compared()).toEqual({ missing: 0, different: 0, extra: 0 })
    expect([(await saved(db))?.['gaps'].length, await rows(db)]).toEqual([1, 1])
  },
)

test(
  'the checker notices: a stream that goes on from now has not what lay in the gap, which is recorded',
  { timeout },
  async () => {
    const { db, toEnd, compared } = await forgotten('now')
    await toEnd()
    expect(compared()).toEqual({ missing: 30, different: 30, extra: 0 })
    expect((await saved(db))?.['gaps']).toHaveLength(1)
  },
)
