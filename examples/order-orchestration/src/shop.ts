import type { Db } from 'mongodb'
import type { Order, Product } from './saga.js'

export const stocks: Readonly<Record<string, number>> = { bread: 1000, milk: 1000, truffles: 3 }

export async function openShop(db: Db): Promise<void> {
  await db.collection<Product>('products').insertMany(Object.entries(stocks).map(([_id, stock]) => ({ _id, stock })))
}

/** Customers order what they like, unless too many wait already: now and then too much for their bank, or for the supplier. */
export async function customer(db: Db, user: number, turn: number): Promise<void> {
  const orders = db.collection<Order>('orders')
  if ((await orders.countDocuments({ state: 'placed' })) > 15) return
  const product = Object.keys(stocks)[turn % 3]!
  const [pieces, total] = turn % 5 === 1 ? [2, 900] : turn % 5 === 3 ? [7, 100] : [1 + (turn % 2), 50]
  await orders.insertOne({ _id: `${user}-${turn}`, product, pieces, total, state: 'placed' })
}
