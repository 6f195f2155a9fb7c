import type { Db } from 'mongodb'
import type { Product, ProductEvent } from './streams.js'

/** Every product is what its last event says, in whichever version that was written, and nothing is put aside any more. */
export async function check(db: Db): Promise<readonly string[]> {
  const last = new Map<string, number>()
  for (const { _id, product } of await db.collection<ProductEvent>('productEvents').find().toArray())
    last.set(product, Math.max(last.get(product) ?? 0, Number(_id.split('/')[1])))
  if (last.size === 0) return ['there is not one event: nothing was checked']
  const found = new Map((await db.collection<Product>('catalogue').find().toArray()).map((product) => [product._id, product]))
  const faults = [...last].flatMap(([_id, n]) => {
    const { title, amount } = found.get(_id) ?? {}
    const right = title?.es === `Product ${n}` && amount?.cents === 100 * n + 50 && amount.currency === 'MXN'
    return right ? [] : [`${_id}: ${JSON.stringify({ title, amount })} is not what event ${n} says`]
  })
  const aside = await db.collection('stream.deadLetters').countDocuments()
  return aside === 0 ? faults : [...faults, `${aside} events are still put aside`]
}
