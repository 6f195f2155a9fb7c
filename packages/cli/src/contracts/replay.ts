import { z } from 'zod'
import { count, position, time } from './shapes.js'

export const replayData = z.strictObject({
  name: z.string(),
  from: position,
  until: position,
  count,
  /** False: at least `count`. */
  exact: z.boolean(),
  samples: z.array(
    z.strictObject({
      clusterTime: time,
      token: z.string(),
      operationType: z.string(),
      /** Relaxed Extended JSON. */
      documentKey: z.record(z.string(), z.json()).nullable(),
    }),
  ),
  executed: z.boolean(),
  delivered: count,
  skipped: count,
  /** Failed for good, or held back because an earlier change of the same key had failed. */
  failed: count,
  /** Of keys with parked changes: `dead-letters redrive` is for those. */
  leftOut: count,
})
