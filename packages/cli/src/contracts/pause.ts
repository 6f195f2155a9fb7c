import { z } from 'zod'
import { lastError, time } from './shapes.js'

export const pauseData = z.strictObject({
  name: z.string(),
  reason: z.string(),
  /** When it goes on by itself. */
  until: time.nullable(),
  /** The worker that has to notice; null: nobody runs it. */
  owner: z.string().nullable(),
  undo: z.string(),
})

export const resumeData = z.strictObject({
  name: z.string(),
  /** False: it was neither paused nor halted, and nothing was written. */
  resumed: z.boolean(),
  /** The pause that was taken back. */
  was: z.strictObject({ reason: z.string(), until: time.nullable() }).nullable(),
  /** The error at which it had stopped, and that was taken back. */
  halt: lastError.nullable(),
  owner: z.string().nullable(),
  undo: z.string().nullable(),
})
