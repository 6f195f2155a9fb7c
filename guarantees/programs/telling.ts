import { type Stream, isStreamError, runStream } from '@boletia/streams-core'
import type { Document, MongoClient } from 'mongodb'
import type { WorkOrder } from '../harness/orders.js'
import { ambusher, say } from './stdio.js'

/** Runs a stream as it was ordered, and says what it comes to. */
export async function obeying<T extends Document>(
  stream: Stream<T>,
  client: MongoClient,
  { ambushes, ttlMs, standby, untilCaughtUp }: WorkOrder,
): Promise<void> {
  const ambush = ambusher(ambushes)
  let settled = false
  const run = runStream(stream, {
    client,
    leaseTtlMs: ttlMs,
    standby,
    ...(untilCaughtUp && { until: 'caught-up' as const }),
    observer: {
      passing({ point }) {
        if (point === 'claim.fenced') say({ event: 'fenced', at: Date.now() })
        ambush(point)
      },
      opened: () => say({ event: 'opened', at: Date.now() }),
      settled() {
        if (!settled) say({ event: 'settled', at: Date.now() })
        settled = true
      },
    },
  })
  await telling(client, async () => (await run.done).reason)
}

/** Says how the work ended, by its reason or by the code of its error, and lets the process end. */
export async function telling(client: MongoClient, work: () => Promise<string>): Promise<void> {
  try {
    say({ event: 'ended', reason: await work() })
  } catch (error) {
    say({ event: 'failed', code: isStreamError(error) ? error.code : 'none' })
    console.error(error)
    process.exitCode = 1
  }
  await client.close()
  process.stdin.destroy()
}
