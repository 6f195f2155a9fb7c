import type { MongoClient, Timestamp } from 'mongodb'
import type { ClusterTime } from '../core/position.js'
import { fromTimestamp } from './positionDocument.js'

/** The primary's clocks; ours may be wrong. */
export interface ServerClock {
  /** Its wall clock. */
  readonly now: Date
  /** Its newest write, and the newest that a majority has. */
  readonly lastWrite: ClusterTime
  readonly majority: { readonly time: ClusterTime; readonly wall: Date }
}

export async function serverClock(client: MongoClient): Promise<ServerClock> {
  const { localTime, lastWrite } = await client.db('admin').command({ hello: 1 }, { readPreference: 'primary' })
  const ts = (of: string) => fromTimestamp((lastWrite[of] as { ts: Timestamp }).ts)
  return {
    now: localTime as Date,
    lastWrite: ts('opTime'),
    majority: { time: ts('majorityOpTime'), wall: lastWrite.majorityWriteDate as Date },
  }
}
