import { defineStream } from '@boletia/streams-core'
import type { Order } from './streams.js'

/** A ticket is free or it is not: after a crash the order finds its own lock, and is refused. The ticket stays locked for ever. */
const ticketLock = defineStream<Order>({
  name: 'ticketLock',
  watch: { collection: 'orders' },
  key: (change) => change.fullDocument?.ticket,
  targets: { tickets: { collection: 'tickets' }, orders: { collection: 'orders' } },
  async handle(change, context) {
    if (change.operationType !== 'insert' && change.operationType !== 'update') return
    const { _id, ticket } = { ...change.fullDocument }
    const tickets = context.target<{ _id: string; orderId: string | null }>('tickets')
    if (change.operationType === 'insert') {
      const { modifiedCount } = await tickets.updateOne({ _id: ticket!, orderId: null }, { $set: { orderId: _id! } })
      const state = modifiedCount === 1 ? 'locked' : 'refused'
      await context.target<Order>('orders').updateOne({ _id: _id!, state: 'placed' }, { $set: { state } })
    } else if (change.updateDescription.updatedFields?.state === 'cancelled') {
      await tickets.updateOne({ _id: ticket!, orderId: _id! }, { $set: { orderId: null } })
    }
  },
})

export const streams = [ticketLock]
