// Writes at a rate: as many as are due at each tick, never waiting for those before. Waits for a line on stdin, then goes.
import { once } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import { MongoClient } from 'mongodb'
import { ticket } from '../harness/backlog.js'
import { percentile } from '../harness/statistics.js'
import { contended } from './writes.js'
import { order, say, wallMs } from './protocol.js'

const { rate, count, mode } = order as typeof order & { readonly rate: number }
const client = await new MongoClient(order.uri, { writeConcern: { w: 'majority' } }).connect()
const db = client.db(order.database)
const source = db.collection<{ _id: number }>('source')
const target = db.collection<{ _id: number }>('target')
await db.command({ ping: 1 })
say('ready')
await once(process.stdin, 'data')

const took: number[] = []
let failed = 0
const stopping = new AbortController()
process.stdin.once('data', () => stopping.abort())

async function counted(write: Promise<unknown>): Promise<void> {
  const sentAt = performance.now()
  await write.then(
    () => sentAt - began > contended.warmMs && took.push(performance.now() - sentAt),
    () => (failed += 1),
  )
}

const began = performance.now()
const writing = new Set<Promise<void>>()
let written = 0
while (written < count && !stopping.signal.aborted) {
  const due = Math.min(count, Math.floor(((performance.now() - began) * rate) / 1000)) - written
  const ids = Array.from({ length: Math.max(0, due) }, (_, index) => written + index)
  const writes =
    mode === 'hot'
      ? ids.map((id) => target.updateOne({ _id: id % contended.hot }, { $inc: { others: 1 } }))
      : ids.length === 0
        ? []
        : [source.insertMany(ids.map((id) => ({ ...ticket(id), _id: id, sentAt: wallMs() })))]
  for (const write of writes) {
    const one = counted(write).finally(() => writing.delete(one))
    writing.add(one)
  }
  written += ids.length
  await delay(1)
}
const ms = performance.now() - began
await Promise.all(writing)
const p99Ms = took.length === 0 ? null : Math.round(percentile(took, 0.99) * 100) / 100
say('written', { perSecond: Math.round((written / ms) * 1000), p99Ms, failed })
