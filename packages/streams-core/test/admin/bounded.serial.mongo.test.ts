import { MongoClient } from 'mongodb'
import { expect, test } from 'vitest'
import { planReset, streamStatus } from '../../src/admin/index.js'
import { defineStream, runStream } from '../../src/index.js'
import { startReplicaSet, testDatabase } from '../../src/testing/index.js'

const stream = defineStream({ name: 'copies', watch: { collection: 'source' }, handle: () => undefined })

test('a plan counts for two seconds or 100,000 changes at most and then says so, and a status does not wait longer than that', async () => {
  await using set = await startReplicaSet({ auth: true, setParameters: { enableTestCommands: true } })
  const place = await testDatabase(set.uri)
  // It goes with its server, who still searches in the end: nothing interrupts a fail point.
  await using _worker = place.client
  await using root = place.admin.client
  await using client = new MongoClient(place.uri, { monitorCommands: true })
  const options = { client, streams: [stream] }
  const source = client.db().collection<{ _id: number }>('source')
  await client.db().createCollection('source')
  await runStream(stream, { client, until: 'caught-up' }).done
  for (let n = 0; n < 101; n++) await source.insertMany(Array.from({ length: 1000 }, (_, i) => ({ _id: n * 1000 + i })))

  let came = 0
  let last = 0
  client.on('commandSucceeded', ({ commandName, reply }) => {
    if (commandName !== 'getMore') return
    last = (reply as { cursor: { nextBatch: unknown[] } }).cursor.nextBatch.length
    came += last
  })
  const many = await planReset(options, 'copies', { kind: 'latest' })
  expect(many).toMatchObject({ direction: 'skip', changes: { exact: false } })
  expect(many.changes.count).toBeGreaterThan(0)
  // As many as came in that time; the last ones may have come when it was over.
  expect([Math.min(came, 100_000), came - last]).toContain(many.changes.count)

  // A server that searches for long before the first change that matches.
  const failCommand = { failCommands: ['getMore'], blockConnection: true, blockTimeMS: 40_000, appName: 'slow' }
  await using slow = new MongoClient(place.uri, { appName: 'slow', monitorCommands: true })
  let answered = 0
  for (const event of ['commandSucceeded', 'commandFailed'] as const)
    slow.on(event, ({ commandName }: { readonly commandName: string }) => void (commandName === 'getMore' && (answered += 1)))
  await root.db('admin').command({ configureFailPoint: 'failCommand', mode: 'alwaysOn', data: failCommand })
  const timed = async <T>(work: () => Promise<T>) => {
    const began = performance.now()
    const result = await work()
    return { result, ms: performance.now() - began }
  }
  const status = await timed(() => streamStatus({ ...options, client: slow }, 'copies'))
  const plan = await timed(() => planReset({ ...options, client: slow }, 'copies', { kind: 'latest' }))
  expect(status.result).toMatchObject({ state: 'stopped', lagMs: null })
  expect(status.ms).toBeLessThan(15_000)
  expect(plan.result.changes).toEqual({ count: 0, exact: false })
  expect(plan.ms).toBeLessThan(15_000)
  expect(answered).toBe(0)
})
