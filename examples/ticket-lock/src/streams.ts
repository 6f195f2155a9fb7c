import { defineStream } from '@boletia/streams-core'
import { apply, guardedUpdate, transition } from '@boletia/streams-core/guards'

/** `placed` → `locked` or `refused`; the customer cancels at any time: `cancelled`. */
export interface Order {
  readonly _id: string
  readonly ticket: string
  readonly state: 'placed' | 'locked' | 'refused' | 'cancelled'
}

/** While `orderId` is set, the ticket belongs to that order, and to no other. */
export interface Ticket {
  readonly _id: string
  readonly orderId: string | null
}

const ticketLock = defineStream<Order>({
  name: 'ticketLock',
  watch: { collection: 'orders' },
  pipeline: [
    {
      $match: {
        $or: [{ operationType: 'insert' }, { operationType: 'update', 'updateDescription.updatedFields.state': 'cancelled' }],
      },
    },
  ],
  // The ordered guard needs the changes of one ticket in stream order.
  key: (change) => change.fullDocument?.ticket,
  targets: { tickets: { collection: 'tickets' }, orders: { collection: 'orders' } },
  async handle(change, context) {
    const order = change.fullDocument
    if (order === null || order === undefined) return
    const lock = (held: readonly (string | null)[], orderId: string | null) =>
      guardedUpdate(context, {
        target: 'tickets',
        filter: { _id: order.ticket, orderId: { $in: held } },
        update: { $set: { orderId } },
      })
    if (change.operationType !== 'insert') {
      await apply(context, lock([order._id], null))
      return
    }
    // Its own lock counts as free: otherwise the repeat after a crash would take the order for its own rival.
    const outcome = await apply(context, lock([null, order._id], order._id))
    const to = outcome === 'noTarget' ? 'refused' : 'locked'
    await apply(context, transition({ target: 'orders', filter: { _id: order._id }, from: 'placed', to }))
  },
})

export const streams = [ticketLock]
