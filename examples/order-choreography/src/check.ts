import type { Db } from 'mongodb'
import type { Fleet, Order, Product } from './order.js'
import { drivers, stock as initial } from './shop.js'

/** No piece is lost or made up, no driver is in two places, and every order has come to an end. */
export async function check(db: Db): Promise<readonly string[]> {
  const orders = await db.collection<Order>('orders').find().toArray()
  const faults: string[] = []
  for (const { _id, stock } of await db.collection<Product>('products').find().toArray()) {
    const kept = orders.filter(({ product, state }) => product === _id && (state === 'assigned' || state === 'delivered'))
    const sold = kept.reduce((sum, { pieces }) => sum + pieces, 0)
    if (stock < 0 || stock + sold !== initial) faults.push(`${_id}: ${stock} left and ${sold} sold are not ${initial}`)
  }
  const fleet = await db.collection<Fleet>('drivers').findOne({ _id: 'fleet' })
  const busy = orders.flatMap(({ state, driver }) => (state === 'assigned' ? [String(driver)] : []))
  const found = [...(fleet?.free ?? []), ...busy].sort()
  if (found.join() !== [...drivers].sort().join()) faults.push(`the drivers, free or on their way, are ${found.join(', ')}`)
  for (const { _id, state } of orders)
    if (['placed', 'stocked', 'undeliverable'].includes(state)) faults.push(`order ${_id} is stuck: ${state}`)
  for (const state of ends)
    if (!orders.some((order) => order.state === state)) faults.push(`no order is ${state}: nothing was checked`)
  return faults
}

const ends = ['delivered', 'returned'] as const

/** There are orders that came to each end. */
export async function enough(db: Db): Promise<boolean> {
  const states = await db.collection<Order>('orders').distinct('state')
  return ends.every((state) => states.includes(state))
}
