import type { MongoClient, Timestamp } from 'mongodb'
import { errorNumber } from '../core/errorClass.js'
import type { Oplog } from '../core/headroom.js'
import { isInfrastructure } from '../core/infrastructure.js'
import { fromTimestamp } from './positionDocument.js'
import { serverClock } from './serverClock.js'

/** The primary's oplog; null where it may not be read (the least role of a worker), or where there is none (behind a mongos). */
export async function oplogWindow(client: MongoClient): Promise<Oplog | null> {
  const oplog = client
    .db('local')
    .collection<{ readonly ts: Timestamp }>('oplog.rs', { readPreference: 'primary', readConcern: { level: 'local' } })
  try {
    const [oldest, stats, { lastWrite }] = await Promise.all([
      oplog.find({}, { sort: { $natural: 1 }, limit: 1, projection: { ts: 1 } }).next(),
      oplog.aggregate<{ storageStats: { size: number; maxSize: number } }>([{ $collStats: { storageStats: {} } }]).next(),
      serverClock(client),
    ])
    if (oldest === null || stats === null) return null
    const { size, maxSize } = stats.storageStats
    return { first: fromTimestamp(oldest.ts), last: lastWrite, usedBytes: size, maxBytes: maxSize }
  } catch (error) {
    // The server's own no, whatever its reason, only leaves the question open; a network that is gone is another matter.
    if (errorNumber(error) !== null && !isInfrastructure(error)) return null
    throw error
  }
}
