// The same writes as the projection's, 1,000 in a bulkWrite with majority, and no stream: the limit for projections.
import { MongoClient } from 'mongodb'
import { ticket } from '../harness/backlog.js'
import { handled, order } from './protocol.js'
import { upsertOf } from './writes.js'

const client = await new MongoClient(order.uri).connect()
const target = client.db(order.database).collection<{ _id: number }>('target')
const done = handled()
for (let first = 0; first < order.count; first += 1000) {
  const ids = Array.from({ length: Math.min(1000, order.count - first) }, (_, index) => first + index)
  await target.bulkWrite(
    ids.map((id) => ({ updateOne: upsertOf(ticket(id)) })),
    { writeConcern: { w: 'majority', j: true } },
  )
  for (const _ of ids) done()
}
