import { expect, inject, test } from 'vitest'
import { tail } from '../../src/admin/index.js'
import { defineStream } from '../../src/index.js'
import { mongoChangeSource } from '../../src/mongo/changeSource.js'
import { look } from '../../src/mongo/look.js'
import { orAborted, orNull } from '../../src/mongo/orAborted.js'
import { testDatabase } from '../../src/testing/index.js'
import { stillHeld } from '../fixtures/collectGarbage.js'

const stream = defineStream({ name: 'looked', watch: { collection: 'watched' }, handle: () => undefined })

test('a look keeps nothing of the batches that it gave: it may last for days', async () => {
  await using place = await testDatabase(inject('mongoUri'))
  const watched = await place.db.createCollection<{ _id: number }>('watched')
  const namespace = { client: place.client, database: place.name, collection: 'watched' }
  const from = await mongoChangeSource(stream, namespace).anchor('now')
  await watched.insertMany(Array.from({ length: 50 }, (_, _id) => ({ _id })))
  const { pipeline, fullDocument, fullDocumentBeforeChange } = stream
  const view = { namespace, pipeline, fullDocument, fullDocumentBeforeChange }
  await using looking = look(view, from, { timeMs: 60_000, batchSize: 5, awaitMs: 10 })
  const batches: WeakRef<object>[] = []
  for (let seen = 0; seen < 50;) {
    const { changes } = (await looking.next())!
    seen += changes.length
    batches.push(new WeakRef(changes))
  }
  expect(batches.length).toBeGreaterThanOrEqual(10)
  // The last one may still be on the stack.
  expect(await stillHeld(batches)).toBeLessThanOrEqual(2)
})

test('a tail keeps nothing of the changes that it gave, and ends at its signal', async () => {
  await using place = await testDatabase(inject('mongoUri'))
  const watched = await place.db.createCollection<{ n: number; text: string }>('watched')
  const text = 'x'.repeat(500_000)
  const stop = new AbortController()
  const tailing = tail({ client: place.client, database: place.name, streams: [stream] }, 'looked', {
    signal: stop.signal,
    payload: true,
    onOpen: () => void watched.insertOne({ n: 0, text }),
  })
  const heap = async () => (await stillHeld([]), process.memoryUsage().heapUsed)
  await tailing.next()
  const before = await heap()
  for (let n = 1; n <= 50; n += 1) {
    await watched.insertOne({ n, text })
    await tailing.next()
  }
  // Of 25 MB that went by.
  expect((await heap()) - before).toBeLessThan(8_000_000)
  stop.abort(new Error('enough'))
  expect(await tailing.next()).toMatchObject({ done: true })
})

test('a wait that was aborted leaves no rejection behind that nobody hears', async () => {
  const stop = new AbortController()
  stop.abort(new Error('enough'))
  await expect(orAborted(Promise.reject(new Error('late')), stop.signal)).rejects.toThrow('enough')
  expect(await orNull(Promise.reject(new Error('late')), stop.signal)).toBeNull()
})
