import { z } from 'zod'

/** RFC 3339, UTC. */
export const time = z.iso.datetime({ offset: false })

/** Milliseconds. */
export const durationMs = z.number()

export const count = z.number().int().nonnegative()

/** A place in a stream: the time of its last change, and the resume token whole (hex). */
export const position = z.strictObject({ clusterTime: time, token: z.string().regex(/^[0-9A-F]+$/) })

export const streamState = z.enum(['running', 'idle', 'stuck', 'paused', 'halted', 'stopped', 'stale', 'new', 'orphan'])

export const lease = z.strictObject({ epoch: count, expiresAt: time })

/** What the oplog forgot before it was delivered: after `from`, before `to` (null where the oplog could not be read), found out at `at`. */
export const gap = z.strictObject({ from: time, to: time.nullable(), at: time })

/** What halted a stream; `token`: the change that `skip --change` takes, null where it was none or is not known. */
export const lastError = z.strictObject({ code: z.string(), name: z.string(), at: time, token: z.string().nullable() })
