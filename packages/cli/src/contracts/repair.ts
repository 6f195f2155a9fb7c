import { z } from 'zod'
import { count, gap } from './shapes.js'

export const repairData = z.strictObject({
  name: z.string(),
  gap,
  /** Documents that match the condition, before the stream's own pipeline. */
  count,
  /** False: at least `count`. */
  exact: z.boolean(),
  /** Keys of the first, as relaxed Extended JSON. */
  samples: z.array(z.record(z.string(), z.json())),
  executed: z.boolean(),
  delivered: count,
  skipped: count,
  /** Failed for good, or held back because an earlier document of the same key had failed. */
  failed: count,
  /** Of keys with parked changes: `dead-letters redrive` is for those. */
  leftOut: count,
})
