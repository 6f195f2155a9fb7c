import { MongoClient } from 'mongodb'
import { expect, test } from 'vitest'
import { commitOutcome } from '../../src/core/commitOutcome.js'
import { startReplicaSet } from '../../src/testing/index.js'
import { at, ownState } from './ownState.js'

test('rule 11: a commit that is repeated before a majority has the first one waits for it; judged at once, our own write would be somebody else’s move', async () => {
  await using set = await startReplicaSet({ nodes: 3, setParameters: { enableTestCommands: '1' } })
  const client = await new MongoClient(set.uriFor('lag')).connect()
  const secondaries = await Promise.all(
    set.nodes
      .filter((node) => node !== set.primary())
      .map(({ port }) => new MongoClient(`mongodb://127.0.0.1:${port}/?directConnection=true`).connect()),
  )
  const replicate = (mode: 'alwaysOn' | 'off') =>
    Promise.all(secondaries.map((node) => node.db('admin').command({ configureFailPoint: 'stopReplProducer', mode })))
  try {
    const own = ownState({ client, name: 'lag' })
    await own.store.create('s', at(1), 'f', 'me')
    await own.claim('me')
    const claim = { name: 's', epoch: 1, rev: 0 }
    const advance = { position: at(2), settled: true, uuid: null }

    await replicate('alwaysOn')
    const first = own.store.commit(claim, advance)
    const newest = client.db('lag').collection('stream', { readConcern: { level: 'local' } })
    await expect.poll(async () => (await newest.findOne())?.['rev']).toBe(1)
    expect(commitOutcome(claim, advance, await own.store.load('s'))).toEqual({ kind: 'moved', rev: 0 })
    const second = own.store.commitWith(claim, advance, () => Promise.reject(new Error('done twice')), false)
    await replicate('off')
    expect([await first, await second]).toEqual([
      { kind: 'committed', claim: { ...claim, rev: 1 } },
      { kind: 'committed', claim: { ...claim, rev: 1 } },
    ])
    await own.leases.release('s', 1)
    await own[Symbol.asyncDispose]()
  } finally {
    await Promise.all([client, ...secondaries].map((each) => each.close()))
  }
})
