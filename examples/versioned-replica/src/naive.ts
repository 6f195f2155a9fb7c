import { defineStream } from '@boletia/streams-core'
import { unguarded } from '@boletia/streams-core/guards'
import type { ProductEvent } from './streams.js'

/** The same without the guard: the batch that a crash repeats is counted twice. */
const replica = defineStream<ProductEvent>({
  name: 'replica',
  watch: { collection: 'productEvents' },
  pipeline: [{ $match: { operationType: 'insert' } }],
  key: (change) => change.fullDocument?.product,
  targets: { replica: { collection: 'replica' } },
  delivery: 'bulk',
  project(change) {
    if (change.operationType !== 'insert') return
    const { product, version, what } = change.fullDocument
    const update =
      'pieces' in what ? { $inc: { stock: what.pieces }, $set: { version } } : { $set: { price: what.price, version } }
    return [unguarded({ target: 'replica', updateOne: { filter: { _id: product }, update, upsert: true } })]
  },
})

export const streams = [replica]
