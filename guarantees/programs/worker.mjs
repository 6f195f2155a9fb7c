// A process to be killed. worker.mjs <uri> <mode>
//   project   the library: a projection that is not idempotent (one $inc per change)
//   handle    the library: a handler with the same effect, done by itself
//   naive     the plain driver loop: the effect, then the token
// Prints "ready" once it reads; in naive mode "effect" after each effect, and waits for a line before it saves the token.
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { connectStream, defineStream, runStream } from '@boletia/streams-core'
import { MongoClient } from 'mongodb'

const [uri, mode] = process.argv.slice(2)
const client = await new MongoClient(uri).connect()
const db = client.db()
const name = 'counted'
const pipeline = [{ $match: { operationType: 'insert' } }]
const count = (change) => ({ filter: { _id: change.documentKey._id }, update: { $inc: { n: 1 } }, upsert: true })
const effect = (change) => {
  const { filter, update, upsert } = count(change)
  return db.collection('effects').updateOne(filter, update, { upsert, writeConcern: { w: 'majority' } })
}

const modes = {
  async project() {
    const stream = defineStream({
      name,
      watch: { collection: 'source' },
      pipeline,
      targets: { effects: { collection: 'effects' } },
      project: (change) => [{ target: 'effects', updateOne: count(change) }],
    })
    await runStream(stream, { client, observer: { opened: () => console.log('ready') } }).done
  },

  async handle() {
    const running = connectStream({
      signal: new AbortController().signal,
      client,
      stream: name,
      collection: 'source',
      pipeline,
      handler: effect,
    })
    console.log('ready')
    await running
  },

  async naive() {
    const lines = createInterface({ input: process.stdin })
    const tokens = db.collection('stream')
    const saved = await tokens.findOne({ _id: name })
    const changes = db.collection('source').watch(pipeline, saved === null ? {} : { startAfter: saved.token })
    let change = await changes.tryNext()
    console.log('ready')
    for (; ; change = null) {
      change ??= await changes.next()
      await effect(change)
      console.log('effect')
      await once(lines, 'line')
      await tokens.updateOne({ _id: name }, { $set: { token: change._id } }, { upsert: true })
    }
  },
}

await modes[mode]()
