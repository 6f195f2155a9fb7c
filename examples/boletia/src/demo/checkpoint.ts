import type { Db, Timestamp } from 'mongodb'

/** What the library saved of a stream, read with the bare driver. */
export interface SavedStream {
  readonly _id: string
  readonly token: string
  readonly clusterTime: Timestamp
  /** Raised by every commit: of one change or of many, and of each ten quiet seconds. */
  readonly rev: number
  /** Token of the newest change that was ever done with; absent before the first. */
  readonly highest?: string | null
  /** `<host>/<pid>/<6 hex>` */
  readonly owner: string | null
}

export async function savedStream(db: Db, name: string): Promise<SavedStream | null> {
  return await db.collection<SavedStream>('stream').findOne({ _id: name }, { readConcern: { level: 'majority' } })
}
