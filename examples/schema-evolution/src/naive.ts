import type { Newest, V1 } from './events.js'
import { catalogue } from './streams.js'

/** Reads what it finds, whatever version it is: a price in pesos becomes cents. */
export const streams = [
  catalogue((data) => {
    const { name, price } = data as V1
    return { specversion: '3.0', title: { es: name ?? '' }, amount: { cents: price ?? 0, currency: 'MXN' } } satisfies Newest
  }),
]
