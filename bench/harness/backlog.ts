import type { Document, MongoClient, Timestamp } from 'mongodb'

/** Where a contender begins, so that it reads the whole backlog: made before the first document was written. */
export interface Start {
  /** Seconds of the cluster's time. */
  readonly seconds: number
  /** The `_data` of the post-batch token. */
  readonly token: string
}

const perBatch = 1000
const writers = 2

/** A reservation-like document whose insert event has about 552 bytes. */
export const ticket = (id: number): Document => ({
  _id: id,
  evento: id % 2000,
  cantidad: (id % 7) + 1,
  at: new Date(1_700_000_000_000 + id),
  nombre: `${String(id).padStart(8, '0')}${'x'.repeat(204)}`,
})

/** The smallest that a million of is written in seconds: an insert event of about 280 bytes. */
export const small = (id: number): Document => ({ _id: id })

/** Creates `source` in the database and says where to begin. */
export async function anchor(client: MongoClient, database: string): Promise<Start> {
  const db = client.db(database)
  await db.createCollection('source', { writeConcern: { w: 'majority' } })
  const opened = await db.command({ aggregate: 'source', pipeline: [{ $changeStream: {} }], cursor: { batchSize: 0 } })
  const { id, postBatchResumeToken } = opened.cursor as { id: unknown; postBatchResumeToken: { _data: string } }
  await db.command({ killCursors: 'source', cursors: [id] })
  return { seconds: (opened.operationTime as Timestamp).getHighBitsUnsigned(), token: postBatchResumeToken._data }
}

/** Anchors, then writes `count` documents; all of them are majority-committed when this resolves. */
export async function backlog(
  client: MongoClient,
  database: string,
  count: number,
  document: (id: number) => Document = ticket,
): Promise<Start> {
  const begin = await anchor(client, database)
  const source = client.db(database).collection('source')
  let next = 0
  const write = async () => {
    while (next < count) {
      const first = next
      next = Math.min(count, next + perBatch)
      const documents = Array.from({ length: next - first }, (_, index) => document(first + index))
      await source.insertMany(documents, { ordered: false })
    }
  }
  await Promise.all(Array.from({ length: writers }, write))
  // Behind a majority write, everything before it is one too.
  await client
    .db(database)
    .collection('written')
    .insertOne({}, { writeConcern: { w: 'majority' } })
  return begin
}
