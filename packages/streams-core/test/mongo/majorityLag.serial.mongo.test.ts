import { MongoClient } from 'mongodb'
import { expect, test } from 'vitest'
import { commitOutcome } from '../../src/core/commitOutcome.js'
import { startReplicaSet, testDatabase } from '../../src/testing/index.js'
import { directly } from '../directly.js'
import { mongoDeadLetterStore } from '../../src/mongo/deadLetterStore.js'
import type { NewLetter } from '../../src/ports.js'
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

const letter = (i: number, key: string): NewLetter => ({
  stream: 's',
  position: at(i),
  key,
  state: 'parked',
  operationType: 'insert',
  documentId: key,
  failure: { name: 'Error', code: null, class: 'transient', message: null, attempts: 1 },
  payload: null,
  ttlMs: null,
})

test('after a failover a parked change is seen, and one that was put back is not seen again: to a majority read of the new primary they lie there as before', async () => {
  await using set = await startReplicaSet({ auth: true, nodes: 3, setParameters: { enableTestCommands: '1' } })
  await using place = await testDatabase(set.uri)
  const { port } = set.nodes.find((node) => node !== set.primary())!
  await using next = await new MongoClient(directly(set.uriFor('admin'), port)).connect()
  const admin = next.db('admin')
  // While it is on, what the node knows of the majority stays as it is; it follows the primary all the same.
  const freeze = (mode: 'alwaysOn' | 'off') => admin.command({ configureFailPoint: 'disableSnapshotting', mode })
  const letters = mongoDeadLetterStore({ client: place.client, database: place.name, collection: 'stream' })
  const look = () => [letters.held('s'), letters.next('s', 'parked'), letters.next('s', 'put back')] as const

  await letters.ensure('s')
  await letters.add([letter(1, 'put back')], undefined)
  const putBack = (await letters.next('s', 'put back'))!
  const keys = async (level: 'majority' | 'local') => {
    const there = next.db(place.name).collection('stream.deadLetters', { readConcern: { level } })
    return (await there.find().toArray()).map(({ key }) => key as string)
  }
  await expect.poll(() => keys('majority')).toEqual(['put back'])
  await freeze('alwaysOn')
  try {
    await letters.add([letter(2, 'parked')], undefined)
    expect(await letters.remove(putBack, undefined)).toBe(true)
    await expect.poll(() => keys('local')).toEqual(['parked'])
    await admin.command({ replSetStepUp: 1 })
    await expect.poll(async () => (await admin.command({ hello: 1 }))['isWritablePrimary'], { timeout: 20_000 }).toBe(true)
    await place.client.db('admin').command({ ping: 1 })

    // The naive version: the parked key would be let go, and what was put back handled once more.
    expect(await keys('majority')).toEqual(['put back'])
    expect(await Promise.allSettled(look())).toMatchObject(
      Array.from({ length: 3 }, () => ({ status: 'rejected', reason: { name: 'SilentServerError' } })),
    )
  } finally {
    await freeze('off')
    await place.db.collection('any').insertOne({}, { writeConcern: { w: 'majority' } })
  }
  const [held, parked, gone] = await Promise.all(look())
  expect(held).toMatchObject({ keys: new Map([['parked', at(2).token]]), parked: 1 })
  expect(parked).toMatchObject({ key: 'parked', position: at(2) })
  expect(gone).toBeNull()
})
