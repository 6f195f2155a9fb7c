import { z } from 'zod'
import { count, lease, position } from './shapes.js'

export const deleteData = z.strictObject({
  name: z.string(),
  /** The plan's, or, once executed, the new one. */
  rev: count,
  executed: z.boolean(),
  from: position,
  owner: z.string().nullable(),
  lease: lease.nullable(),
  /** The command that brings the position back; null while it is only a plan. */
  undo: z.string().nullable(),
})
