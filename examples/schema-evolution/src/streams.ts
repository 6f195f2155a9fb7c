import { type Stream, defineStream } from '@boletia/streams-core'
import { upsertProjection } from '@boletia/streams-core/guards'
import { type Data, type Newest, upcast } from './events.js'

/** What a product is from now on. */
export interface ProductEvent {
  readonly _id: string
  readonly product: string
  readonly data: Data
}

export interface Product {
  readonly _id: string
  readonly title: Newest['title']
  readonly amount: Newest['amount']
}

/** The handler knows the newest version only; `newest` brings every other one to it. */
export function catalogue(newest: (data: Data) => Newest): Stream<ProductEvent> {
  return defineStream<ProductEvent>({
    name: 'catalogue',
    watch: { collection: 'productEvents' },
    pipeline: [{ $match: { operationType: 'insert' } }],
    key: (change) => change.fullDocument?.product,
    targets: { catalogue: { collection: 'catalogue' } },
    // What only a newer worker understands is put aside, with all that comes later of its product; redrive puts it back after the deploy.
    onError: 'park',
    project(change, context) {
      if (change.operationType !== 'insert') return
      const { product, data } = change.fullDocument
      const { title, amount } = newest(data)
      return [upsertProjection(context, { target: 'catalogue', document: { _id: product, title, amount } })]
    },
  })
}

export const streams = [catalogue(upcast)]
