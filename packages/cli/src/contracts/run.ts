import { z } from 'zod'
import { count, durationMs, position } from './shapes.js'

/** A line of `run --output jsonl`; the last line is the document of `run --json`, or a failure's. */
export const settledRecord = z.strictObject({
  stream: z.string(),
  /** Whole: what `reset --to token:` and `skip --change` take. */
  token: z.string(),
  outcome: z.enum(['handled', 'skipped', 'parked', 'held']),
  /** From its being taken up until it was settled, with all attempts. */
  durationMs,
})

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
