import { z } from 'zod'
import { count, position, time } from './shapes.js'

/** The newest first. */
export const historyData = z.strictObject({
  name: z.string(),
  /** As it is saved now. */
  position: position.nullable(),
  /** As it was before the last move by an operator: what `--to prev` means. */
  previous: position.nullable(),
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
