// An operator who moves the position of a stream and may die while doing it. operator.js <uri> <mode>
// Connects, says "warm", and does what one line on stdin orders (harness/orders.ts).
import { applyReset, planReset } from '@boletia/streams-core/admin'
import { MongoClient } from 'mongodb'
import type { MoveOrder, StreamMode } from '../harness/orders.js'
import { counted } from './counted.js'
import { ambusher, ordered, say } from './stdio.js'
import { telling } from './telling.js'

const [uri, mode] = process.argv.slice(2) as [string, StreamMode]
const client = await new MongoClient(uri, { appName: 'operator' }).connect()
say({ event: 'warm' })
const { ambushes, byMs } = await ordered<MoveOrder>()

const ambush = ambusher(ambushes)
const stream = counted[mode]()
const options = { client, streams: [stream] }
await telling(client, async () => {
  const plan = await planReset(options, stream.name, { kind: 'by', ms: byMs })
  await applyReset(options, plan, {
    by: 'operator',
    reason: null,
    action: 'reset',
    observer: { passing: ({ point }) => ambush(point) },
  })
  return 'moved'
})
