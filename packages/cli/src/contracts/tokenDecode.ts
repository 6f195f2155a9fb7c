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
  /**
   * Of a position among existing documents; the other fields are then of the token that was taken before the first one. How many were `scanned` only
   * a saved one tells; `last`: the document behind which it lies, null before the first and behind them all.
   */
  backfill: z
    .strictObject({
      state: z.enum(['scanning', 'catching-up']),
      scanned: count.nullable(),
      last: z.record(z.string(), z.json()).nullable(),
    })
    .nullable(),
})
