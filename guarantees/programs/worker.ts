// A process to be killed or frozen. worker.js <uri> <mode>
// Connects, says "warm", and runs the mode's stream as it is ordered by one line on stdin (harness/orders.ts).
import { MongoClient } from 'mongodb'
import type { StreamMode, WorkOrder } from '../harness/orders.js'
import { counted } from './counted.js'
import { ordered, say } from './stdio.js'
import { obeying } from './telling.js'

const [uri, mode] = process.argv.slice(2) as [string, StreamMode]
const client = await new MongoClient(uri, { appName: 'worker' }).connect()
say({ event: 'warm' })
await obeying(counted[mode](), client, await ordered<WorkOrder>())
