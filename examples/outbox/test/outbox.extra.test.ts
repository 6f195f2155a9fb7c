import { execFile } from 'node:child_process'
import path from 'node:path'
import { promisify } from 'node:util'
import { trial } from '@boletia/example-harness'
import { type ReplicaSet, startReplicaSet, testDatabase } from '@boletia/streams-core/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { example } from '../src/example.js'

let set: ReplicaSet
beforeAll(async () => {
  set = await startReplicaSet({ auth: true })
})
afterAll(async () => await set.stop())

test('workers and broker killed while orders come in: each event is published once, the refused one is kept and told', async () => {
  await using outbox = await example()
  await using database = await testDatabase(set.uri)
  expect(await trial(outbox, { uri: database.uri })).toEqual({ kills: 3, faults: [] })
})

test('the checker notices: under a new message id, what was in hand is published twice', async () => {
  await using outbox = await example()
  const { settle: _settle, ...rest } = outbox
  const streams = new URL('../dist/naive.js', import.meta.url)
  await using database = await testDatabase(set.uri)
  const { faults } = await trial({ ...rest, streams, crashes: outbox.crashes.slice(0, 1) }, { uri: database.uri })
  expect(faults.join('\n')).toMatch(/order \d-\d+ was published 2 times instead of 1/)
})

test('the retry job locks again what failed', async () => {
  await using database = await testDatabase(set.uri)
  const outbox = database.db.collection<{ _id: string; isLocked: boolean; token: string }>('outbox')
  await outbox.insertMany(['failed', 'in hand'].map((_id) => ({ _id, isLocked: _id === 'in hand', token: 't' })))
  const program = path.join(import.meta.dirname, '../dist/retry.js')
  await promisify(execFile)(process.execPath, [program], { env: { ...process.env, MONGODB_URI: database.uri } })
  expect(await outbox.countDocuments({ isLocked: true, token: 't' })).toBe(2)
})
