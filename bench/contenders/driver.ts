// The driver's own loop: next() with batches of 1,000, no checkpoint.
import { MongoClient } from 'mongodb'
import { handled, order, say } from './protocol.js'

const client = await new MongoClient(order.uri).connect()
const done = handled()
const stream = client
  .db(order.database)
  .collection('source')
  .watch([], { batchSize: 1000, startAfter: { _data: order.token } })
say('opened')
for (;;) {
  const change = (await stream.next()) as unknown as { readonly fullDocument: { readonly _id: number } }
  done(change.fullDocument)
}
