import type { Db } from 'mongodb'
import type { Order, Ticket } from './streams.js'

/** A ticket says which order has it; the orders have to say the same. */
export async function check(db: Db): Promise<readonly string[]> {
  const orders = new Map((await db.collection<Order>('orders').find().toArray()).map((order) => [order._id, order]))
  const tickets = new Map((await db.collection<Ticket>('tickets').find().toArray()).map((ticket) => [ticket._id, ticket]))
  const faults: string[] = []
  for (const { _id, orderId } of tickets.values()) {
    const state = orderId === null ? 'locked' : orders.get(orderId)?.state
    if (state !== 'locked') faults.push(`ticket ${_id} is locked by ${orderId}, which is ${state}`)
  }
  for (const { _id, ticket, state } of orders.values()) {
    if (state === 'placed') faults.push(`${_id} was never answered`)
    if (state === 'locked' && tickets.get(ticket)?.orderId !== _id) faults.push(`${_id} believes that it has ticket ${ticket}`)
  }
  const states = new Set([...orders.values()].map(({ state }) => state))
  for (const state of ends) if (!states.has(state)) faults.push(`no order is ${state}: nothing was checked`)
  return faults
}

const ends = ['locked', 'refused', 'cancelled'] as const

/** There are orders that came to each end. */
export async function enough(db: Db): Promise<boolean> {
  const states = await db.collection<Order>('orders').distinct('state')
  return ends.every((state) => states.includes(state))
}
