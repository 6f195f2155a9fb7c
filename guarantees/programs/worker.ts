// A process to be killed or frozen. worker.js <uri> <mode>
// Connects, says "warm", and runs the mode's stream as it is ordered by one line on stdin (harness/orders.ts).
import { isStreamError, runStream } from '@boletia/streams-core'
import { MongoClient } from 'mongodb'
import type { StreamMode, WorkOrder } from '../harness/orders.js'
import { counted } from './counted.js'
import { ambusher, ordered, say } from './stdio.js'

const [uri, mode] = process.argv.slice(2) as [string, StreamMode]
const client = await new MongoClient(uri, { appName: 'worker' }).connect()
say({ event: 'warm' })
const { ambushes, ttlMs, standby, untilCaughtUp } = await ordered<WorkOrder>()

const ambush = ambusher(ambushes)
let settled = false
const run = runStream(counted[mode](), {
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
try {
  say({ event: 'ended', reason: (await run.done).reason })
} catch (error) {
  say({ event: 'failed', code: isStreamError(error) ? error.code : 'none' })
  console.error(error)
  process.exitCode = 1
}
await client.close()
process.stdin.destroy()
