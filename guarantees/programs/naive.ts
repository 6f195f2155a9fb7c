// The control: the plain loop of a driver with the same effect, and the token after it or before it. naive.js <uri> <mode>
import { MongoClient } from 'mongodb'
import { bucketOf } from '../harness/buckets.js'
import type { NaiveMode, WorkOrder } from '../harness/orders.js'
import { ambusher, ordered, say } from './stdio.js'

const [uri, mode] = process.argv.slice(2) as [string, NaiveMode]
const client = await new MongoClient(uri, { appName: 'worker' }).connect()
const db = client.db()
const durable = { writeConcern: { w: 'majority' as const } }
say({ event: 'warm' })
const { ambushes } = await ordered<WorkOrder>()
const passing = ambusher(ambushes)

const tokens = db.collection<{ _id: string; token: unknown }>('stream')
const saved = await tokens.findOne({ _id: 'counted' })
const changes = db.collection<{ _id: number }>('source').watch([], saved === null ? {} : { startAfter: saved.token })
let first = await changes.tryNext()
if (saved === null) await tokens.insertOne({ _id: 'counted', token: changes.resumeToken }, durable)
say({ event: 'opened', at: Date.now() })
const save = (token: unknown) => tokens.updateOne({ _id: 'counted' }, { $set: { token } }, durable)
for (;;) {
  const change = first ?? (await changes.next())
  first = null
  if (change.operationType !== 'insert') continue
  const id = change.documentKey._id
  if (mode === 'token first') {
    await save(change._id)
    passing('checkpoint.saved')
  }
  for (const target of ['effects', 'mirror'])
    await db.collection<{ _id: number }>(target).updateOne({ _id: bucketOf(id) }, { $inc: { [`n.${id}`]: 1 } }, durable)
  passing('bulk.effectsWritten')
  if (mode === 'effect first') await save(change._id)
}
