import { expect, inject, test } from 'vitest'
import { mongoLeaseStore } from '../../src/mongo/leaseStore.js'
import { ownSessions } from '../../src/mongo/ownSessions.js'
import { type TestDatabase, testDatabase } from '../../src/testing/index.js'
import { at, ownState, settled } from './ownState.js'

/** A worker whose transaction is open, as a SIGKILL in the midst of it leaves it; the returned function lets it go on, like a zombie that wakes. */
async function frozenInTransaction(place: TestDatabase) {
  const { store, claim: take } = ownState(place)
  await store.create('s', at(1), 'f', 'me')
  const { checkpoint } = await take('frozen')
  let wake = () => undefined as void
  const asleep = new Promise<void>((resolve) => (wake = resolve))
  let entered = () => undefined as void
  const inside = new Promise<void>((resolve) => (entered = resolve))
  const claim = { name: 's', epoch: checkpoint.epoch, rev: checkpoint.rev }
  const commit = store.commitWith(
    claim,
    settled(2),
    async (session) => {
      await place.db.collection('effects').insertOne({ by: 'frozen' }, { session: session! })
      entered()
      await asleep
    },
    false,
  )
  commit.catch(() => undefined)
  await inside
  return { store, claim, wake, commit }
}

test('rule 9: a new owner kills the sessions of the former one, so that its open transaction does not hold the checkpoint for a minute', async () => {
  await using place = await testDatabase(inject('mongoUri'))
  await place.db.createCollection('effects')
  const frozen = await frozenInTransaction(place)
  await using next = ownState(place)
  expect(await next.claim('next')).toMatchObject({ unclean: true, checkpoint: { epoch: 2, position: at(1), rev: 0 } })
  expect(await next.store.commit({ name: 's', epoch: 2, rev: 0 }, settled(3))).toMatchObject({ kind: 'committed' })

  frozen.wake()
  await expect(frozen.commit).rejects.toMatchObject({
    errorLabels: expect.arrayContaining(['TransientTransactionError']) as string[],
  })
  expect(await frozen.store.commit(frozen.claim, settled(2))).toEqual({ kind: 'fenced', epoch: 2 })
  expect(await place.db.collection('effects').countDocuments()).toBe(0)
  await next.leases.release('s', 2)
})

test('rule 9, the naive version: without killing its sessions the fence runs into its time limit', async () => {
  await using place = await testDatabase(inject('mongoUri'))
  await place.db.createCollection('effects')
  const frozen = await frozenInTransaction(place)
  const naive = place.db.collection('stream').updateOne({ _id: 's' as never }, { $inc: { epoch: 1 } }, { maxTimeMS: 500 })
  await expect(naive).rejects.toMatchObject({ code: 50 })
  frozen.wake()
  await frozen.commit
})

test('rule 7: the epoch never falls, not even when somebody deletes the checkpoint document', async () => {
  await using place = await testDatabase(inject('mongoUri'))
  for (const epoch of [1, 2, 3]) {
    await using own = ownState(place)
    await own.store.create('s', at(1), 'f', 'me')
    expect((await own.claim('me')).checkpoint.epoch).toBe(epoch)
    await own.leases.release('s', epoch)
    await place.db.collection('stream').deleteOne({ _id: 's' as never })
  }
})

test('rule 8: both sessions are listed while its owner runs and no longer once it has released', async () => {
  await using place = await testDatabase(inject('mongoUri'))
  const lease = () => place.db.collection('stream.leases').findOne({ _id: 's' as never })
  await using own = ownState(place)
  await own.store.create('s', at(1), 'f', 'me')
  await own.claim('me')
  expect(await lease()).toMatchObject({
    owner: 'me',
    epoch: 1,
    sessions: [{ id: expect.anything() as unknown }, { id: expect.anything() as unknown }],
  })
  await own.leases.release('s', 1)
  expect(await lease()).toMatchObject({ owner: null, epoch: 1, sessions: [] })
})

test('rule 8: a worker that was taken over keeps its sessions: ended, they would go to the driver’s pool, and be killed in other work', async () => {
  await using place = await testDatabase(inject('mongoUri'))
  const state = { client: place.client, database: place.name, collection: 'stream' }
  const request = { name: 's', process: null, ttlMs: 60_000 }
  const former = ownSessions(place.client)
  const next = ownSessions(place.client)
  const stores = [mongoLeaseStore(state, former), mongoLeaseStore(state, next)] as const
  await stores[0].acquire({ ...request, owner: 'former', over: null })
  await stores[1].acquire({ ...request, owner: 'next', over: 1 })
  await stores[0].release('s', 1)
  await former[Symbol.asyncDispose]()
  expect((await stores[1].formerSessions('s')).map(({ id }) => id.toString('hex'))).toEqual(
    former.ids.map(({ id }) => id.toString('hex')),
  )
  expect(former.transactions.hasEnded).toBe(false)

  await stores[1].release('s', 2)
  await next[Symbol.asyncDispose]()
  expect(next.transactions.hasEnded).toBe(true)
})

test('rule 9: an owner that gives up before its fence leaves its predecessors’ sessions listed, for the next one to kill', async () => {
  await using place = await testDatabase(inject('mongoUri'))
  await place.db.createCollection('effects')
  const frozen = await frozenInTransaction(place)
  await using gaveUp = ownState(place)
  await gaveUp.leases.acquire({ name: 's', owner: 'gave up', process: null, ttlMs: 60_000, over: 1 })
  await gaveUp.leases.release('s', 2)

  const lease = await place.db.collection('stream.leases').findOne({ _id: 's' as never })
  expect(lease).toMatchObject({ owner: null, sessions: [expect.anything(), expect.anything()] })
  // The naive release empties the list: the next one has nothing to kill, and its fence runs into its time limit.
  const fence = place.db.collection('stream').updateOne({ _id: 's' as never }, { $set: { epoch: 3 } }, { maxTimeMS: 500 })
  await expect(fence).rejects.toMatchObject({ code: 50 })

  await using next = ownState(place)
  expect(await next.claim('next')).toMatchObject({ checkpoint: { epoch: 3 } })
  await next.leases.release('s', 3)
  frozen.wake()
  await frozen.commit.catch(() => undefined)
})
