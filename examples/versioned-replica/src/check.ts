import type { Db } from 'mongodb'
import type { Product, ProductEvent } from './streams.js'

/** Plays every product's events in the order of their versions, and compares. */
export async function check(db: Db): Promise<readonly string[]> {
  const expected = new Map<string, Required<Product>>()
  for (const { product, version, what } of await db
    .collection<ProductEvent>('productEvents')
    .find()
    .sort({ version: 1 })
    .toArray()) {
    const { stock, price } = expected.get(product) ?? { stock: 0, price: 0 }
    const changed = 'pieces' in what ? { stock: stock + what.pieces, price } : { stock, price: what.price }
    expected.set(product, { _id: product, version, ...changed })
  }
  if (expected.size === 0) return ['there is not one event: nothing was checked']
  const found = new Map((await db.collection<Product>('replica').find().toArray()).map((product) => [product._id, product]))
  return [...expected.values()].flatMap(({ _id, ...due }) => {
    const { version = 0, stock = 0, price = 0 } = found.get(_id) ?? {}
    const same = version === due.version && stock === due.stock && price === due.price
    return same ? [] : [`${_id}: the replica has ${JSON.stringify({ version, stock, price })} instead of ${JSON.stringify(due)}`]
  })
}
