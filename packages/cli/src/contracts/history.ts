import { z } from 'zod'
import { count, position, time } from './shapes.js'

/** The newest first. */
export const historyData = z.strictObject({
  name: z.string(),
  entries: z.array(
    z.strictObject({
      at: time,
      action: z.enum([
        'reset',
        'reset-token',
        'start',
        'adopt',
        'history-lost',
        'backfill',
        'pause',
        'resume',
        'delete',
        'import',
        'discard',
        'redrive',
        'skip',
      ]),
      by: z.string(),
      reason: z.string().nullable(),
      before: position.nullable(),
      /** Null: it was forgotten. */
      after: position.nullable(),
      rev: count,
    }),
  ),
})
