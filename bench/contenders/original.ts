// The loop of the original service: the next change, its handler, its token saved, one after the other.
import { type Document, MongoClient } from 'mongodb'
import { handled, order, say } from './protocol.js'
import { countOf, upsertOf } from './writes.js'

const { w = 'majority', mode = 'upsert' } = order
const client = await new MongoClient(order.uri).connect()
const db = client.db(order.database)
const done = handled()
const target = db.collection('target')
const positions = db.collection<{ _id: string }>('stream')
const writeConcern = { w } as const
const stream = db.collection('source').watch([], { startAfter: { _data: order.token } })
say('opened')
for (;;) {
  const change = (await stream.next()) as unknown as { readonly _id: { readonly _data: string }; readonly fullDocument: Document }
  const token = change._id._data
  const write = mode === 'upsert' ? upsertOf(change.fullDocument) : updateOf(change.fullDocument, token)
  await target.updateOne(write.filter, write.update, { upsert: write.upsert, writeConcern })
  await positions.updateOne({ _id: 'original' }, { $set: { token } }, { upsert: true, writeConcern })
  done(change.fullDocument)
}

function updateOf(document: Document, token: string) {
  const write = countOf({ stream: 'original', token }, document)
  if (!('updateOne' in write)) throw new Error('a guarded increment is an update')
  return { filter: write.updateOne.filter, update: write.updateOne.update as Document, upsert: false }
}
