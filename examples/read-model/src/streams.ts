import { type Stream, defineStream } from '@boletia/streams-core'
import { guardedInc, insertOnce } from '@boletia/streams-core/guards'

/** The write side. Only the state ever changes, from open to cancelled. */
export interface Order {
  readonly _id: string
  readonly customer: string
  readonly total: number
  readonly state: 'open' | 'cancelled'
}

/** The read side: what a page about a customer shows. */
export interface Customer {
  readonly _id: string
  readonly orders: number
  readonly total: number
  /** From version 2 on. */
  readonly cancelled?: number
}

/** Of each version a collection of its own: the former one serves until the new one has caught up. */
export const collectionOf = (version: number) => `customers_v${version}`

/** A new version is a new stream. It begins with the orders that there are, and nobody stops writing meanwhile. */
export function readModel(version: number): Stream<Order> {
  const empty = { orders: 0, total: 0, ...(version > 1 && { cancelled: 0 }) }
  return defineStream<Order>({
    name: `readModel-v${version}`,
    watch: { collection: 'orders' },
    start: 'backfill',
    pipeline: [
      {
        $match: {
          $or: [{ operationType: 'insert' }, { operationType: 'update', 'updateDescription.updatedFields.state': 'cancelled' }],
        },
      },
    ],
    // The ordered guard needs the changes of one customer in stream order.
    key: ({ fullDocument }) => fullDocument?.customer,
    targets: {
      customers: { database: process.env['READ_DATABASE'] ?? 'shop_read', collection: collectionOf(version) },
    },
    project(change, context) {
      if ((change.operationType !== 'insert' && change.operationType !== 'update') || change.fullDocument === null) return
      const { customer, total, state } = change.fullDocument
      const target = 'customers'
      // An order that the backfill finds cancelled comes as that, and was never counted.
      const placed = change.operationType === 'insert' && state === 'open' ? 1 : change.operationType === 'insert' ? 0 : -1
      const cancelled = placed === 1 ? 0 : 1
      const inc = { orders: placed, total: placed * total, ...(version > 1 && { cancelled }) }
      return [
        insertOnce({ target, document: { _id: customer, ...empty } }),
        guardedInc(context, { target, filter: { _id: customer }, inc }),
      ]
    },
  })
}

export const streams = [readModel(1), readModel(2)]
