// A process to be killed or frozen while it copies and counts existing documents and what is written since.
// copies.js <uri> <kind> [<onHistoryLost>]
// Says and takes the same lines as worker.ts. The naive one copies what it finds and then watches: what is written in between is lost.
import type { StreamOptions } from '@boletia/streams-core'
import { MongoClient } from 'mongodb'
import type { CopyKind, Existing } from '../harness/existing.js'
import type { WorkOrder } from '../harness/orders.js'
import { copying } from './copying.js'
import { ordered, say } from './stdio.js'
import { obeying } from './telling.js'

const [uri, kind, onHistoryLost = 'fail'] = process.argv.slice(2) as [string, CopyKind, StreamOptions['onHistoryLost']?]
const client = await new MongoClient(uri, { appName: 'worker' }).connect()
say({ event: 'warm' })
const order = await ordered<WorkOrder>()
await (kind === 'naive' ? naively() : obeying(copying(kind, onHistoryLost), client, order))

async function naively(): Promise<never> {
  const db = client.db()
  const copy = db.collection<Existing>('copy')
  for (const found of await db.collection<Existing>('source').find().toArray())
    await copy.replaceOne({ _id: found._id }, { n: found.n }, { upsert: true })
  const changes = db.collection<Existing>('source').watch([], { fullDocument: 'updateLookup' })
  await changes.tryNext()
  say({ event: 'opened', at: Date.now() })
  for (;;) {
    const change = await changes.next()
    if (!('documentKey' in change)) continue
    const now = 'fullDocument' in change ? change.fullDocument : undefined
    const { _id } = change.documentKey
    await (now ? copy.replaceOne({ _id }, { n: now.n }, { upsert: true }) : copy.deleteOne({ _id }))
  }
}
