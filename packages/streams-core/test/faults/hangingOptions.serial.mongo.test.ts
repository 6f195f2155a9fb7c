import { MongoClient } from 'mongodb'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type RunOptions, defineStream, runStream } from '../../src/index.js'
import { type ReplicaSet, type TestDatabase, startReplicaSet, testDatabase } from '../../src/testing/index.js'
import { directly } from '../directly.js'

let set: ReplicaSet
let place: TestDatabase
beforeAll(async () => {
  set = await startReplicaSet({ auth: true, nodes: 2 })
  place = await testDatabase(set.uri)
})
afterAll(async () => {
  await place[Symbol.asyncDispose]()
  await set.stop()
})

const stream = defineStream({ name: 's', watch: { collection: 'source' }, handle: () => undefined })
const uri = (options: string) => `${place.uri}&${options}`

async function ran(given: string, options: Partial<RunOptions> = {}): Promise<unknown> {
  const client = new MongoClient(given)
  try {
    return await runStream(stream, { client, until: 'caught-up', ...options }).done
  } catch (error) {
    return error
  } finally {
    await client.close()
  }
}

test.each(['socketTimeoutMS=400', 'serverSelectionTimeoutMS=0'])(
  '%s would hang in silence: it is refused, and named',
  async (option) => {
    expect(await ran(uri(option))).toMatchObject({
      code: 'INVALID_OPTIONS',
      exit: 2,
      message: expect.stringContaining(option) as string,
    })
  },
)

test('a connection to a secondary alone is refused with the address of the whole set: saving there would fail for ever', async () => {
  const secondary = set.nodes.find((node) => !node.isPrimary)!
  expect(await ran(directly(place.uri, secondary.port))).toMatchObject({
    code: 'INVALID_OPTIONS',
    exit: 2,
    message: expect.stringContaining('replicaSet=') as string,
  })
  const primary = set.nodes.find((node) => node.isPrimary)!
  expect(await ran(directly(place.uri, primary.port))).toMatchObject({
    reason: 'caught-up',
  })
})

test.each([
  'readPreference=secondary&maxStalenessSeconds=90',
  'readPreference=nearest&localThresholdMS=0',
  'readConcernLevel=local',
  'w=0',
  'w=1&journal=false',
  'retryWrites=false&retryReads=false',
  'maxPoolSize=1',
  'serverSelectionTimeoutMS=2000&socketTimeoutMS=2000',
  'timeoutMS=400',
])('with %s in the URI a stream runs, on the primary and with majority', async (option) => {
  await ran(uri(option))
  await place.db.collection('source').insertOne({})
  expect(await ran(uri(option))).toMatchObject({ reason: 'caught-up', handled: 1 })
})

test('tags that no member has are an error that comes in time, no hang', async () => {
  expect(await ran(uri('readPreference=nearest&readPreferenceTags=dc:nowhere&serverSelectionTimeoutMS=500'))).toMatchObject({
    code: 'UNREACHABLE',
    exit: 8,
  })
})
