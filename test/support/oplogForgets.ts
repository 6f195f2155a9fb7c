import type { Db, MongoClient } from 'mongodb'
import { expect } from 'vitest'

interface Forgetting {
  /** Documents of 200 kB in each write. */
  readonly documents?: number
  /** What is waited for after each write. */
  readonly between?: () => Promise<unknown>
}

/** Writes until the oldest entry of the oplog is later than this second of the cluster's time; for a mongod with an oplog of 1 MB and `--syncdelay 1`. */
export async function oplogForgets(
  client: MongoClient,
  db: Db,
  second: number,
  { documents = 5, between = async () => undefined }: Forgetting = {},
): Promise<void> {
  const oldest = async () => {
    await db.collection('filler').insertMany(Array.from({ length: documents }, () => ({ bytes: 'x'.repeat(200_000) })))
    await between()
    const found = await client
      .db('local')
      .collection('oplog.rs')
      .find({}, { sort: { $natural: 1 }, limit: 1 })
      .next()
    return (found!['ts'] as { t: number }).t
  }
  await expect.poll(oldest, { timeout: 60_000, interval: 100 }).toBeGreaterThan(second)
}
