import { defineStream } from '@boletia/streams-core'
import type { Order, Product } from './order.js'
import { streams as right } from './streams.js'

/** Stock first, the order afterwards: what was taken when the worker died is taken again. */
const products = defineStream<Order>({
  name: 'products',
  watch: { collection: 'orders' },
  pipeline: [{ $match: { operationType: 'insert' } }],
  targets: { products: { collection: 'products' }, orders: { collection: 'orders' } },
  async handle({ fullDocument }, context) {
    const { _id, product, pieces } = fullDocument as Order
    const enough = { _id: product, stock: { $gte: pieces } }
    const { modifiedCount } = await context.target<Product>('products').updateOne(enough, { $inc: { stock: -pieces } })
    const state = modifiedCount === 1 ? 'stocked' : 'soldOut'
    await context.target<Order>('orders').updateOne({ _id, state: 'placed' }, { $set: { state } })
  },
})

export const streams = [products, ...right.slice(1)]
