// A stream that comes back: connects, waits for a line, and says how long it takes from the call to the first handled change.
import { once } from 'node:events'
import { defineStream, runStream } from '@boletia/streams-core'
import { MongoClient } from 'mongodb'
import { order, say } from './protocol.js'

const client = await new MongoClient(order.uri).connect()
await client.db(order.database).command({ ping: 1 })
say('ready')
await once(process.stdin, 'data')
const began = performance.now()
let first = true
const stream = defineStream({
  name: 'restarted',
  watch: { collection: 'source' },
  start: 'now',
  handle: async () => {
    if (first) say('first', { ms: performance.now() - began })
    first = false
  },
})
const run = runStream(stream, {
  client,
  database: order.database,
  observer: { opened: () => say('opened') },
})
// A heartbeat moves the position too.
setInterval(() => {
  const { position, handled } = run.status
  if (position !== null) say('position', { seconds: position.clusterTime.t, handled })
}, 50).unref()
process.stdin.once('data', () => void run.stop())
await run.done
await client.close()
say('stopped')
