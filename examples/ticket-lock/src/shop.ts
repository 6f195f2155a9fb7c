import type { Db } from 'mongodb'
import type { Order, Ticket } from './streams.js'

const tickets = ['A1', 'A2', 'A3', 'A4', 'A5']

export async function openShop(db: Db): Promise<void> {
  await db.collection<Ticket>('tickets').insertMany(tickets.map((_id) => ({ _id, orderId: null })))
}

/** A customer orders a ticket without looking whether it is free: the stream says. Then gives up an earlier order, if there is one. */
export async function customer(db: Db, user: number, turn: number): Promise<void> {
  const orders = db.collection<Order>('orders')
  const idOf = (turn: number) => `order ${user}-${turn}`
  await orders.insertOne({ _id: idOf(turn), ticket: tickets[(user + turn) % tickets.length]!, state: 'placed' })
  // Orders of the last turns stay open, so that there is always somebody who is refused. Some do not wait for the answer.
  const cancellable: Order['state'][] = turn % 4 === 0 ? ['placed', 'locked'] : ['locked']
  await orders.updateOne({ _id: idOf(turn - 3), state: { $in: cancellable } }, { $set: { state: 'cancelled' } })
}
