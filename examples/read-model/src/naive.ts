import { defineStream } from '@boletia/streams-core'
import { unguarded } from '@boletia/streams-core/guards'
import { type Customer, type Order, collectionOf, readModel } from './streams.js'

/** Copies what there is, and streams from then on. Whoever dies while he copies leaves half a copy, which the next one takes for a whole one. */
const copied = defineStream<Order>({
  name: 'readModel-v2',
  watch: { collection: 'orders' },
  targets: {
    customers: { database: process.env['READ_DATABASE']!, collection: collectionOf(2) },
    orders: { collection: 'orders' },
  },
  async setup(context) {
    const customers = context.target<Customer>('customers')
    if ((await customers.findOne()) !== null) return
    for (const { customer, total } of await context.target<Order>('orders').find({ state: 'open' }).toArray())
      await customers.updateOne({ _id: customer }, { $inc: { orders: 1, total } }, { upsert: true })
  },
  project(change) {
    const { customer, total, state } = change.fullDocument as Order
    const sign = state === 'open' ? 1 : -1
    const update = { $inc: { orders: sign, total: sign * total } }
    return [unguarded({ target: 'customers', updateOne: { filter: { _id: customer }, update, upsert: true } })]
  },
})

export const streams = [readModel(1), copied]
