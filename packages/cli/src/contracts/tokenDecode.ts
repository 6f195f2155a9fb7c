import { z } from 'zod'
import { count, time } from './shapes.js'

export const tokenDecodeData = z.strictObject({
  token: z.string(),
  clusterTime: time,
  /** The order within that second. */
  increment: count,
  version: count,
  type: z.enum(['event', 'highWaterMark']),
  txnOpIndex: count,
  fromInvalidate: z.boolean(),
  collectionUuid: z.string().nullable(),
  operationType: z.string().nullable(),
  /** Relaxed Extended JSON. */
  documentKey: z.record(z.string(), z.json()).nullable(),
  operationDescription: z.json(),
  fragment: count.nullable(),
})
