import { MongoClient } from 'mongodb'
import { expect, test } from 'vitest'
import { commitOutcome } from '../../src/core/commitOutcome.js'
import { startReplicaSet, testDatabase } from '../../src/testing/index.js'
import { directly } from '../directly.js'
import { at, ownState } from './ownState.js'

test('rule 11: a commit that is repeated before a majority has the first one waits for it; judged at once, our own write would be somebody else’s move', async () => {
  await using set = await startReplicaSet({ auth: true, nodes: 3, setParameters: { enableTestCommands: '1' } })
  await using place = await testDatabase(set.uri)
  const secondaries = await Promise.all(
    set.nodes
      .filter((node) => node !== set.primary())
      .map(({ port }) => new MongoClient(directly(set.uriFor('admin'), port)).connect()),
  )
  const replicate = (mode: 'alwaysOn' | 'off') =>
    Promise.all(secondaries.map((node) => node.db('admin').command({ configureFailPoint: 'stopReplProducer', mode })))
  try {
    const own = ownState(place)
    await own.store.create('s', at(1), 'f', 'me')
    await own.claim('me')
    const claim = { name: 's', epoch: 1, rev: 0 }
    const advance = { position: at(2), settled: true, uuid: null }

    await replicate('alwaysOn')
    const first = own.store.commit(claim, advance)
    const newest = place.db.collection('stream', { readConcern: { level: 'local' } })
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
    await Promise.all(secondaries.map((each) => each.close()))
  }
})
