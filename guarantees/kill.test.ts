import { MongoClient } from 'mongodb'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type ReplicaSet, startReplicaSet } from '../packages/streams-core/src/testing/index.js'
import { check, startWorker } from './processes.js'

const kills = 8
const perKill = 40

let server: ReplicaSet
let client: MongoClient
beforeAll(async () => {
  server = await startReplicaSet()
  client = await new MongoClient(server.uri).connect()
})
afterAll(async () => {
  await client.close()
  await server.stop()
})

const wholly = (uri: string) => async () => (await check(uri)).lost

/** Kills a worker again and again while writers go on, each time after a few more effects; then lets one finish. */
async function underFire(database: string, mode: 'project' | 'handle'): Promise<string> {
  const uri = server.uriFor(database)
  const source = client.db(database).collection<{ _id: number }>('source')
  const effects = client.db(database).collection('effects')
  let written = 0
  for (let round = 0; round < kills; round += 1) {
    await using worker = startWorker(uri, mode)
    expect(await worker.line()).toBe('ready')
    if (round === 0) await expect.poll(() => client.db(database).collection('stream').countDocuments()).toBe(1)
    const writing = (async () => {
      for (let i = 0; i < perKill; i += 1) await source.insertOne({ _id: (written += 1) })
    })()
    // In the midst of its work: a different number of effects each time, and more changes than it can have handled.
    const target = (await effects.countDocuments()) + 3 + ((round * 7) % 20)
    await expect.poll(() => effects.countDocuments(), { interval: 2, timeout: 20_000 }).toBeGreaterThan(target)
    await worker.kill()
    await writing
  }
  await using last = startWorker(uri, mode)
  expect(await last.line()).toBe('ready')
  await expect.poll(wholly(uri), { timeout: 20_000, interval: 200 }).toBe(0)
  return uri
}

test('exactly once: a projection that is killed with SIGKILL in the midst of its changes loses none and does none twice', async () => {
  const uri = await underFire('boletia_kill_project', 'project')
  expect(await check(uri)).toEqual({ source: kills * perKill, lost: 0, doubled: 0, exit: 0 })
})

test('at least once: a handler that is killed loses no change, and repeats at most the one that was in its hand at each kill', async () => {
  const uri = await underFire('boletia_kill_handle', 'handle')
  const counted = await check(uri)
  expect(counted).toMatchObject({ source: kills * perKill, lost: 0 })
  expect(counted.doubled).toBeLessThanOrEqual(kills)
})

test('the checker notices: the plain loop (effect, then token), killed between the two, does the change twice', async () => {
  const uri = server.uriFor('boletia_kill_naive')
  const source = client.db('boletia_kill_naive').collection<{ _id: number }>('source')
  await source.insertOne({ _id: 0 })
  {
    await using worker = startWorker(uri, 'naive')
    expect(await worker.line()).toBe('ready')
    await source.insertOne({ _id: 1 })
    expect(await worker.line()).toBe('effect')
    worker.process.stdin.write('\n')
    await source.insertOne({ _id: 2 })
    expect(await worker.line()).toBe('effect')
    await worker.kill()
  }
  await using again = startWorker(uri, 'naive')
  expect(await again.line()).toBe('ready')
  expect(await again.line()).toBe('effect')
  await source.deleteOne({ _id: 0 })
  expect(await check(uri)).toEqual({ source: 2, lost: 0, doubled: 1, exit: 1 })
})

test('the checker notices a change whose effect is missing', async () => {
  const uri = server.uriFor('boletia_kill_lost')
  await client.db('boletia_kill_lost').collection<{ _id: number }>('source').insertOne({ _id: 1 })
  expect(await check(uri)).toEqual({ source: 1, lost: 1, doubled: 0, exit: 1 })
})
