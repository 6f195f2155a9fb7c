import { z } from 'zod'
import { position, time } from './shapes.js'

const seen = z.strictObject({
  clusterTime: time,
  token: z.string(),
  operationType: z.string(),
  /** Relaxed Extended JSON. */
  documentKey: z.record(z.string(), z.json()).nullable(),
  /** The whole change in relaxed Extended JSON, redacted; null without `--payload`. */
  payload: z.record(z.string(), z.json()).nullable(),
})

export const peekData = z.strictObject({
  name: z.string(),
  from: position,
  /** `settled`: at or before the saved position. */
  changes: z.array(seen.extend({ settled: z.boolean() })),
  /** False: the server was still searching when the time was up. */
  complete: z.boolean(),
})

/** A line of `tail --output jsonl`. */
export const tailRecord = seen
