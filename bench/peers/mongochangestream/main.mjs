// mongochangestream as its README has it: batches from a change stream, the token in Redis after each.
import { Redis } from 'ioredis'
import { MongoClient } from 'mongodb'
import mongochangestream from 'mongochangestream'
import { handled, order, say } from '../../dist/contenders/protocol.js'
import { upsertOf } from '../../dist/contenders/writes.js'

const { mode, batchSize, redisPort, database, w = 'majority' } = order
const client = await new MongoClient(order.uri).connect()
const redis = new Redis({ host: '127.0.0.1', port: redisPort })
const target = client.db(database).collection('target')
const done = handled()
const writeConcern = { w }

const works = {
  count: () => undefined,
  bulk: (changes) =>
    target.bulkWrite(
      changes.map(({ fullDocument }) => ({ updateOne: upsertOf(fullDocument) })),
      { writeConcern },
    ),
  upsert: async (changes) => {
    for (const { fullDocument } of changes) {
      const { filter, update } = upsertOf(fullDocument)
      await target.updateOne(filter, update, { upsert: true, writeConcern })
    }
  },
}
const work = works[mode]
const sync = mongochangestream.initSync(redis, client.db(database).collection('source'))
await redis.set(sync.keys.changeStreamTokenKey, JSON.stringify({ _data: order.token }))
sync.emitter.on('cursorError', ({ error }) => console.error(error))
const stream = await sync.processChangeStream(
  async (changes) => {
    await work(changes)
    for (const { fullDocument } of changes) done(fullDocument)
  },
  // What is left over at the end waits so long for a full batch.
  { batchSize, timeout: 500 },
)
say('opened')
await stream.start()
