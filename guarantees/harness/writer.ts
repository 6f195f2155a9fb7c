import { setTimeout as delay } from 'node:timers/promises'
import type { Db } from 'mongodb'
import { bucketOf } from './buckets.js'

// A change every few milliseconds is somewhat less than a worker can do.
const pauseMs = 5

/** The source of changes: documents numbered from 1 on, each committed by a majority before the next. */
export interface Writer {
  readonly written: number
  write(count: number): Promise<void>
  /** Writes so many at once: whoever reads them finds them all at hand. */
  burst(count: number): Promise<void>
  /** Writes so many, one every few milliseconds, or fewer when `signal` aborts before. */
  writeDuring(signal: AbortSignal, atMost: number): Promise<void>
}

export function writer(db: Db): Writer {
  const durable = { writeConcern: { w: 'majority' as const } }
  const source = db.collection<{ _id: number }>('source')
  const buckets = new Set<number>()
  let written = 0

  /** The documents that count exist before their changes: the guarded update of a missing document does nothing. */
  async function prepare(ids: readonly number[]): Promise<void> {
    const fresh = [...new Set(ids.map(bucketOf))].filter((bucket) => !buckets.has(bucket))
    if (fresh.length === 0) return
    for (const target of ['effects', 'mirror', 'deliveries']) {
      const documents = fresh.map((_id) => ({ _id }))
      await db.collection<{ _id: number }>(target).insertMany(documents, durable)
    }
    for (const bucket of fresh) buckets.add(bucket)
  }

  async function one(): Promise<void> {
    const id = written + 1
    await prepare([id])
    await source.insertOne({ _id: id }, durable)
    written = id
  }

  return {
    get written() {
      return written
    },
    async write(count) {
      for (let i = 0; i < count; i += 1) await one()
    },
    async burst(count) {
      const documents = Array.from({ length: count }, (_, index) => ({ _id: written + 1 + index }))
      await prepare(documents.map(({ _id }) => _id))
      await source.insertMany(documents, durable)
      written += count
    },
    async writeDuring(signal, atMost) {
      for (let i = 0; i < atMost && !signal.aborted; i += 1) {
        await one()
        await delay(pauseMs)
      }
    },
  }
}
