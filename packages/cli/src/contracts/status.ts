import { z } from 'zod'
import { count, durationMs, gap, lastError, lease, position, streamState, time } from './shapes.js'

export const statusData = z.strictObject({
  name: z.string(),
  state: streamState,
  position: position.nullable(),
  lagMs: durationMs.nullable(),
  /** How long it has been behind at its position. */
  stuckMs: durationMs.nullable(),
  headroomMs: durationMs.nullable(),
  parked: count,
  /** Waiting behind a parked change of their key. */
  held: count,
  /** When the oldest of them was put aside. */
  parkedSince: time.nullable(),
  owner: z.string().nullable(),
  lease: lease.nullable(),
  rev: count,
  paused: z.string().nullable(),
  pausedUntil: time.nullable(),
  pauseSeenAt: time.nullable(),
  lastError: lastError.nullable(),
  restarts: count,
  fingerprint: z.strictObject({ hash: z.string().nullable(), savedHash: z.string().nullable(), drift: z.boolean() }),
  reader: z.enum(['own', 'shared', 'driver']),
  /** Sums of what its worker, or the last one, has committed in batches since it began; null where nothing was. */
  batches: z
    .strictObject({
      since: time,
      batches: count,
      changes: count,
      writes: count,
      /** Commands that the writes became: mixed inserts, updates and deletes become one each. */
      commands: count,
      matched: count,
      modified: count,
      inserted: count,
      upserted: count,
      deleted: count,
    })
    .nullable(),
  /** Existing documents come before live changes; null when they are done with, or were not asked for. */
  backfill: z.strictObject({ state: z.enum(['scanning', 'catching-up']), scanned: count, startedAt: time }).nullable(),
  gaps: z.array(gap),
})

export const listData = z.strictObject({ streams: z.array(statusData) })
