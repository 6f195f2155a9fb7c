import { z } from 'zod'
import { count, position } from './shapes.js'

export const runData = z.strictObject({
  streams: z.array(
    z.strictObject({
      name: z.string(),
      handled: count,
      skipped: count,
      parked: count,
      /** Put aside behind a parked change of the same key. */
      held: count,
      position: position.nullable(),
      reason: z.enum(['stopped', 'caught-up', 'until', 'max']),
    }),
  ),
})
