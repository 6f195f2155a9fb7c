import type { Db } from 'mongodb'
import type { Order, Payment, Product } from './saga.js'
import { stocks } from './shop.js'

/** A confirmed order has its pieces, its payment and its supply, once; every other one has nothing of them any more. */
export async function check(db: Db): Promise<readonly string[]> {
  const orders = await db.collection<Order>('orders').find().toArray()
  const payments = await db.collection<Payment>('payments').find().toArray()
  const supplies = new Map(
    (await db.collection<{ _id: string; pieces: number }>('supplies').find().toArray()).map((each) => [each._id, each.pieces]),
  )
  const faults: string[] = []
  for (const { _id, pieces, total, state } of orders) {
    const confirmed = state === 'confirmed'
    if (state === 'placed') faults.push(`order ${_id} is stuck`)
    const charged = payments.filter(({ order, state }) => order === _id && state === 'charged')
    const paid = charged.reduce((sum, { amount }) => sum + amount, 0)
    if (paid !== (confirmed ? total : 0)) faults.push(`order ${_id} is ${state}, and ${paid} of ${total} were paid`)
    if ((supplies.get(_id) ?? 0) !== (confirmed ? pieces : 0))
      faults.push(`order ${_id} is ${state}, and was supplied ${supplies.get(_id) ?? 0}`)
  }
  for (const { _id, stock } of await db.collection<Product>('products').find().toArray()) {
    const sold = orders.reduce(
      (sum, { product, state, pieces }) => sum + (product === _id && state === 'confirmed' ? pieces : 0),
      0,
    )
    if (stock < 0 || stock + sold !== stocks[_id]) faults.push(`${_id}: ${stock} left and ${sold} sold are not ${stocks[_id]}`)
  }
  return [...faults, ...(await unseen(db))]
}

/** What did not come up. */
async function unseen(db: Db): Promise<string[]> {
  const orders = await db.collection<Order>('orders').find().toArray()
  const ends = { rejected: () => true, confirmed: () => true, cancelled: ({ total }: Order) => total > 500 }
  const faults = Object.entries(ends).flatMap(([end, why]) =>
    orders.some((order) => order.state === end && why(order)) ? [] : [`no order is ${end}: nothing was checked`],
  )
  const refunded = await db.collection<Payment>('payments').findOne({ state: 'refunded' })
  return refunded === null ? [...faults, 'no payment was refunded: nothing was checked'] : faults
}

/** Orders came to each end, and a payment went back. */
export const enough = async (db: Db): Promise<boolean> => (await unseen(db)).length === 0
