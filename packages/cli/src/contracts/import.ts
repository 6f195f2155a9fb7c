import { z } from 'zod'
import { count, lease, position } from './shapes.js'

export const importData = z.strictObject({
  executed: z.boolean(),
  streams: z.array(
    z.strictObject({
      name: z.string(),
      /** Null: nothing is saved yet. */
      rev: count.nullable(),
      direction: z.enum(['new', 'rewind', 'skip', 'none']),
      from: position.nullable(),
      to: position,
      changes: z.strictObject({ count, exact: z.boolean() }),
      owner: z.string().nullable(),
      lease: lease.nullable(),
      undo: z.string().nullable(),
    }),
  ),
})
