import { MongoClient } from 'mongodb'
import { expect, test } from 'vitest'
import { startReplicaSet, testDatabase } from '../../src/testing/index.js'
import { at, ownState } from './ownState.js'

test('rule 9: a fence that is there but waits for the majority beyond its time limit is repeated, and is not taken for another owner’s', async () => {
  await using set = await startReplicaSet({ auth: true, nodes: 3, electionTimeoutMs: 20_000 })
  await using place = await testDatabase(set.uri)
  await using client = new MongoClient(place.uri, { monitorCommands: true })
  let fences = 0
  client.on('commandStarted', ({ command }) => void (command['findAndModify'] === 'stream' && (fences += 1)))
  await using own = ownState({ client, name: place.name })
  await own.store.create('s', at(1), 'f', 'me')
  expect(await own.leases.acquire({ name: 's', owner: 'me', process: null, ttlMs: 60_000, over: null })).toMatchObject({
    epoch: 1,
  })
  const primary = set.primary()!
  const others = set.nodes.filter((node) => node !== primary)
  for (const node of others) await node.kill('SIGSTOP')
  // The server's own words for it: the write is done, only its time is over.
  const naive = place.db.collection('stream', { writeConcern: { w: 'majority' } })
  await expect(naive.updateOne({ _id: 's' as never }, { $set: { x: 1 } }, { maxTimeMS: 2000 })).rejects.toMatchObject({
    code: 50,
    result: { n: 1 },
  })
  const fencing = own.store.fence('s', 1, 'me', 'f')
  await expect.poll(() => place.db.collection('stream', { readConcern: { level: 'local' } }).findOne({ epoch: 1 })).not.toBeNull()
  // The time limit of one fence has passed when the next one is tried.
  await expect.poll(() => fences).toBeGreaterThan(1)
  for (const node of others) await node.kill('SIGCONT')
  expect(await fencing).toMatchObject({ checkpoint: { epoch: 1, owner: 'me', position: at(1), restarts: 0 } })
  await own.leases.release('s', 1)
})
