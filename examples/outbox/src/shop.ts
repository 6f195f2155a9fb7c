import type { Db } from 'mongodb'
import type { OutboxEvent } from './streams.js'

export interface Order {
  readonly _id: string
  readonly total: number
}

/** Nobody listens there, so the broker refuses it. */
export const nowhere = 'invoices.placed'

/** The order and its event, in one transaction: there is never one without the other. */
export async function placeOrder(db: Db, order: Order, subject = 'orders.placed'): Promise<void> {
  const event = { _id: `placed/${order._id}`, subject, data: order, isLocked: true, failures: [] }
  await db.client.withSession((session) =>
    session.withTransaction(async () => {
      await db.collection<Order>('orders').insertOne(order, { session })
      await db.collection<OutboxEvent>('outbox').insertOne(event, { session })
    }),
  )
}

/** The retry job, to be called every now and then: the stream sees what is locked again. */
export async function retryFailed(db: Db): Promise<void> {
  await db.collection<OutboxEvent>('outbox').updateMany({ isLocked: false }, { $set: { isLocked: true } })
}
