import { setTimeout as delay } from 'node:timers/promises'
import type { Db } from 'mongodb'
import { bucketOf } from './buckets.js'

// A change every few milliseconds is somewhat less than a worker can do.
const pauseMs = 5

/** The source of changes: documents numbered from 1 on, each committed by a majority before the next. */
export interface Writer {
  readonly written: number
  write(count: number): Promise<void>
  /** Writes so many, one every few milliseconds, or fewer when `signal` aborts before. */
  writeDuring(signal: AbortSignal, atMost: number): Promise<void>
}

export function writer(db: Db): Writer {
  const durable = { writeConcern: { w: 'majority' as const } }
  const source = db.collection<{ _id: number }>('source')
  const buckets = new Set<number>()
  let written = 0

  async function one(): Promise<void> {
    const id = written + 1
    // The documents that count exist before their changes: the guarded update of a missing document does nothing.
    const bucket = bucketOf(id)
    if (!buckets.has(bucket))
      for (const target of ['effects', 'mirror', 'deliveries'])
        await db.collection<{ _id: number }>(target).insertOne({ _id: bucket }, durable)
    buckets.add(bucket)
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
    async writeDuring(signal, atMost) {
      for (let i = 0; i < atMost && !signal.aborted; i += 1) {
        await one()
        await delay(pauseMs)
      }
    },
  }
}
