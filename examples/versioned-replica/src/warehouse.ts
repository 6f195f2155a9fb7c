import type { Db } from 'mongodb'
import type { ProductEvent } from './streams.js'

/** Two events of one product with one number would fork its history. */
export async function prepare(db: Db): Promise<void> {
  await db.collection('productEvents').createIndex({ product: 1, version: 1 }, { unique: true })
}

/** Appends an event to a product's history. Of two at once the slower one finds its number taken, and takes the next. */
export async function record(db: Db, product: string, what: ProductEvent['what']): Promise<void> {
  const events = db.collection<ProductEvent>('productEvents')
  for (;;) {
    const last = await events.findOne({ product }, { sort: { version: -1 }, projection: { version: 1 } })
    const version = (last?.version ?? 0) + 1
    try {
      await events.insertOne({ _id: `${product}/${version}`, product, version, what })
      return
    } catch (error) {
      if ((error as { code?: unknown }).code !== 11000) throw error
    }
  }
}
