import type { Db } from 'mongodb'
import type { Data } from './events.js'
import type { ProductEvent } from './streams.js'

// One event in each of its generations. All of them say: this product is called "Product n", and costs n pesos and 50 centavos.
const generations: readonly ((n: number) => Data)[] = [
  (n) => ({ specversion: '1.0', name: `Product ${n}`, price: n + 0.5 }),
  (n) => ({ specversion: '2.0', name: `Product ${n}`, cents: 100 * n + 50, currency: 'MXN' }),
  (n) => ({ specversion: '3.0', title: { es: `Product ${n}` }, amount: { cents: 100 * n + 50, currency: 'MXN' } }),
]

/** One of the writers, whose deploy is of some version. Each has products of its own, so that the last word is known. */
export async function write(db: Db, writer: number, turn: number): Promise<void> {
  const product = `${writer}-${turn % 4}`
  const data = generations[(writer + turn) % generations.length]!(turn)
  await db.collection<ProductEvent>('productEvents').insertOne({ _id: `${product}/${turn}`, product, data })
}
