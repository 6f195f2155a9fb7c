// What Node can get out of the server: aggregate and getMore as commands, the next getMore in flight while a batch is decoded; no
// checkpoint, no resume, nothing else. The limit for reading.
import { setImmediate } from 'node:timers/promises'
import { BSON, MongoClient, type Document } from 'mongodb'
import { handled, order, say } from './protocol.js'

const client = await new MongoClient(order.uri).connect()
const session = client.startSession()
const db = client.db(order.database)
const done = handled()
// Nested documents come as bytes.
const raw = { session, raw: true } as const
const rawBatches = { fieldsAsRaw: { firstBatch: true, nextBatch: true } }
const began = performance.now()

interface Cursor {
  readonly id: BSON.Long
  readonly firstBatch?: readonly Uint8Array[]
  readonly nextBatch?: readonly Uint8Array[]
}
const cursorOf = (reply: Document) =>
  BSON.deserialize(reply.cursor as Uint8Array, { ...rawBatches, promoteLongs: false }) as unknown as Cursor
const changeStream = { $changeStream: { startAfter: { _data: order.token } } }

let cursor = cursorOf(await db.command({ aggregate: 'source', pipeline: [changeStream], cursor: { batchSize: 1000 } }, raw))
say('opened')
const { id } = cursor
let first = true
for (;;) {
  const asked = db.command({ getMore: id, collection: 'source', batchSize: 1000 }, raw)
  // Without this, the command would be written to its socket only after the batch has been decoded.
  await setImmediate()
  for (const bytes of cursor.firstBatch ?? cursor.nextBatch ?? []) {
    const change = BSON.deserialize(bytes) as { readonly fullDocument: { readonly _id: number } }
    if (first) say('first', { ms: performance.now() - began, bytes: bytes.length })
    first = false
    done(change.fullDocument)
  }
  cursor = cursorOf(await asked)
}
