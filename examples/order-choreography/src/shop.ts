import type { Db } from 'mongodb'
import type { Fleet, Order, Product } from './order.js'

export const stock = 300
export const drivers = ['Ana', 'Luis', 'Eva']
const products = ['bread', 'milk', 'rice']

export async function openShop(db: Db): Promise<void> {
  await db.collection<Product>('products').insertMany(products.map((_id) => ({ _id, stock })))
  await db.collection<Fleet>('drivers').insertOne({ _id: 'fleet', free: drivers })
}

/** A customer orders, unless too many wait already, and receives what has come. Some never open the door: their driver stays busy. */
export async function customer(db: Db, user: number, turn: number): Promise<void> {
  const orders = db.collection<Order>('orders')
  const waiting = await orders.countDocuments({ state: { $in: ['placed', 'stocked', 'undeliverable'] } })
  const product = products[(user + turn) % products.length]!
  if (waiting < 20) await orders.insertOne({ _id: `${user}-${turn}`, product, pieces: 1 + (turn % 3), state: 'placed' })
  if (turn % 3 === 0) await orders.updateOne({ state: 'assigned' }, { $set: { state: 'delivered' } })
}
