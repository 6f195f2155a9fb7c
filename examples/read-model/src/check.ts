import type { Db } from 'mongodb'
import { type Customer, type Order, collectionOf } from './streams.js'

/** Counts the orders of each customer, and compares with both versions of the read model. */
export async function check(db: Db, readDatabase: string): Promise<readonly string[]> {
  const due = new Map<string, Required<Customer>>()
  for (const { customer, total, state } of await db.collection<Order>('orders').find().toArray()) {
    const former = due.get(customer) ?? { _id: customer, orders: 0, total: 0, cancelled: 0 }
    const open = state === 'open' ? 1 : 0
    due.set(customer, {
      _id: customer,
      orders: former.orders + open,
      total: former.total + open * total,
      cancelled: former.cancelled + 1 - open,
    })
  }
  if (due.size === 0) return ['there is not one order: nothing was checked']
  const faults: string[] = []
  for (const version of [1, 2]) {
    const model = db.client.db(readDatabase).collection<Customer>(collectionOf(version))
    const found = new Map((await model.find().toArray()).map((each) => [each._id, each]))
    for (const { _id, orders, total, cancelled } of due.values()) {
      const is = found.get(_id)
      if (is?.orders !== orders || is.total !== total || (version > 1 && is.cancelled !== cancelled))
        faults.push(`v${version}: ${_id} has ${is?.orders} orders of ${is?.total} instead of ${orders} of ${total}`)
    }
  }
  return faults
}
