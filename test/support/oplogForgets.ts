import type { Db, MongoClient } from 'mongodb'
import { expect } from 'vitest'

/** Writes until the oldest entry of the oplog is later than this second of the cluster's time; for a mongod with an oplog of 1 MB and `--syncdelay 1`. */
export async function oplogForgets(client: MongoClient, db: Db, second: number): Promise<void> {
  const oldest = async () => {
    await db.collection('filler').insertMany(Array.from({ length: 5 }, () => ({ bytes: 'x'.repeat(200_000) })))
    const found = await client
      .db('local')
      .collection('oplog.rs')
      .find({}, { sort: { $natural: 1 }, limit: 1 })
      .next()
    return (found!['ts'] as { t: number }).t
  }
  await expect.poll(oldest, { timeout: 30_000, interval: 100 }).toBeGreaterThan(second)
}
