import { z } from 'zod'
import { time } from './shapes.js'

/** A line of `run --dry-run --output jsonl`. */
export const decisionRecord = z.strictObject({
  stream: z.string(),
  clusterTime: time,
  token: z.string(),
  operationType: z.string(),
  /** Relaxed Extended JSON. */
  documentKey: z.record(z.string(), z.json()).nullable(),
  decision: z.enum(['handle', 'write', 'nothing', 'skip', 'fail']),
  reason: z.string().nullable(),
  replay: z.boolean(),
  writes: z.array(z.strictObject({ target: z.string(), model: z.string(), guard: z.string().nullable() })),
})
