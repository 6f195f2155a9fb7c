import { z } from 'zod'
import { count, time } from './shapes.js'

const letter = z.strictObject({
  id: z.string(),
  stream: z.string(),
  /** The ordering key's text: equal for changes that wait for each other. */
  key: z.string(),
  state: z.enum(['parked', 'held']),
  token: z.string(),
  clusterTime: time,
  operationType: z.string(),
  /** Relaxed Extended JSON. */
  documentId: z.json(),
  error: z
    .strictObject({ name: z.string(), code: z.string().nullable(), class: z.string(), message: z.string().nullable() })
    .nullable(),
  attempts: count,
  /** What failed each time that it was put back. */
  failures: z.array(z.strictObject({ name: z.string(), code: z.string().nullable(), at: time })),
  parkedAt: time,
  expiresAt: time.nullable(),
  /** Who wants it put back. */
  redrive: z.strictObject({ by: z.string(), reason: z.string().nullable(), at: time }).nullable(),
  /** The change in relaxed Extended JSON, as far as the stream keeps it. */
  payload: z.record(z.string(), z.json()).nullable(),
})

export const lettersData = z.strictObject({ name: z.string(), letters: z.array(letter) })

export const redriveData = z.strictObject({
  name: z.string(),
  /** Of all keys that are concerned. */
  count,
  keys: count,
  executed: z.boolean(),
  redriven: count,
  /** Null: a worker does it, or it is only a plan. */
  left: count.nullable(),
  /** The worker that does it; null: this command. */
  owner: z.string().nullable(),
})

export const discardData = z.strictObject({ name: z.string(), count, executed: z.boolean(), discarded: count })
