import type { Db } from 'mongodb'
import type { Order } from './streams.js'

const old = 1200
const customerOf = (n: number) => `customer ${n % 20}`

/** Orders of former years, some of them cancelled. */
export async function formerYears(db: Db): Promise<void> {
  const orders = Array.from({ length: old }, (_, n): Order => ({
    _id: `old-${n}`,
    customer: customerOf(n),
    total: 1 + (n % 9),
    state: n % 10 === 0 ? 'cancelled' : 'open',
  }))
  await db.collection<Order>('orders').insertMany(orders)
}

/** A customer orders, and cancels an old order: one that a backfill has read already, or one that it has yet to read. */
export async function customer(db: Db, user: number, turn: number): Promise<void> {
  const orders = db.collection<Order>('orders')
  await orders.insertOne({ _id: `new-${user}-${turn}`, customer: customerOf(user + turn), total: 5, state: 'open' })
  const some = (7 * turn + 13 * user) * 31
  await orders.updateOne({ _id: `old-${some % old}`, state: 'open' }, { $set: { state: 'cancelled' } })
}
