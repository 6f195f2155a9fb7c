// What Node can get out of the server: aggregate and getMore as commands, the next getMore in flight while a batch is decoded; no
// checkpoint, no resume, nothing else. The limit for reading.
import { setImmediate } from 'node:timers/promises'
import { BSON, MongoClient, type Document } from 'mongodb'
import { handled, order, say } from './protocol.js'
import { rawBatch } from './rawBatch.js'

const client = await new MongoClient(order.uri).connect()
const session = client.startSession()
const db = client.db(order.database)
const done = handled()
// Nested documents come as bytes.
const raw = { session, raw: true } as const
const began = performance.now()
const batchOf = (reply: Document) => rawBatch(reply.cursor as Uint8Array)
const changeStream = { $changeStream: { startAfter: { _data: order.token } } }

const opened = batchOf(await db.command({ aggregate: 'source', pipeline: [changeStream], cursor: { batchSize: 1000 } }, raw))
say('opened')
const cursor = BSON.Long.fromBigInt(opened.id)
let { changes } = opened
let first = true
for (;;) {
  const asked = db.command({ getMore: cursor, collection: 'source', batchSize: 1000 }, raw)
  // Without this, the command would be written to its socket only after the batch has been decoded.
  await setImmediate()
  for (const bytes of changes) {
    const change = BSON.deserialize(bytes) as { readonly fullDocument: { readonly _id: number } }
    if (first) say('first', { ms: performance.now() - began, bytes: bytes.length })
    first = false
    done(change.fullDocument)
  }
  ;({ changes } = batchOf(await asked))
}
