import { z } from 'zod'
import { count, lease, position, time } from './shapes.js'

/** Also of `reset-token`. */
export const resetData = z.strictObject({
  name: z.string(),
  /** The plan's, or, once executed, the new one. */
  rev: count,
  executed: z.boolean(),
  direction: z.enum(['rewind', 'skip', 'none']),
  from: position,
  to: position,
  /** `exact: false`: at least `count`. */
  changes: z.strictObject({ count, exact: z.boolean() }),
  oplog: z.strictObject({ from: time, to: time }).nullable(),
  lease: lease.nullable(),
  /** The command that undoes it; null while it is only a plan. */
  undo: z.string().nullable(),
})
