import { defineStream } from '@boletia/streams-core'
import { expectedVersion } from '@boletia/streams-core/guards'

/** What happened to a product; the source numbers the events of each product without gaps. */
export interface ProductEvent {
  readonly _id: string
  readonly product: string
  readonly version: number
  /** Pieces that came (or left), or a new price. */
  readonly what: { readonly pieces: number } | { readonly price: number }
}

/** The product as its events made it. */
export interface Product {
  readonly _id: string
  readonly version: number
  readonly stock?: number
  readonly price?: number
}

const replica = defineStream<ProductEvent>({
  name: 'replica',
  watch: { collection: 'productEvents' },
  pipeline: [{ $match: { operationType: 'insert' } }],
  // Each event is a document of its own: without this, two events of one product would be handed over in parallel.
  key: (change) => change.fullDocument?.product,
  targets: { replica: { collection: 'replica' } },
  // Guarded writes in bulk, then the checkpoint: a crash in between repeats the whole batch.
  delivery: 'bulk',
  project(change) {
    if (change.operationType !== 'insert') return
    const { product, version, what } = change.fullDocument
    const update = 'pieces' in what ? { $inc: { stock: what.pieces } } : { $set: { price: what.price } }
    return [expectedVersion({ target: 'replica', key: { _id: product }, version, update })]
  },
})

export const streams = [replica]
