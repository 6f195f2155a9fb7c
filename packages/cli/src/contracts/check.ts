import { z } from 'zod'
import { streamState } from './shapes.js'

const level = z.enum(['ok', 'warning', 'critical'])

export const checkData = z.strictObject({
  level,
  streams: z.array(
    z.strictObject({
      name: z.string(),
      level,
      state: streamState,
      findings: z.array(
        z.strictObject({
          about: z.enum(['state', 'lag', 'headroom', 'parked', 'stuck', 'definition']),
          level,
          /** Milliseconds, or a count; null where it is not known, or there is none. */
          value: z.number().nullable(),
          message: z.string(),
        }),
      ),
    }),
  ),
})

export const waitData = z.strictObject({
  name: z.string(),
  until: z.enum(['caught-up', 'running', 'paused']),
  /** False: the time ran out; the exit code is 11. */
  reached: z.boolean(),
  state: streamState,
  lagMs: z.number().nullable(),
  waitedMs: z.number(),
})
