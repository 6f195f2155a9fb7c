import type { ClientSession } from 'mongodb'
import { expect, inject, test } from 'vitest'
import { type TestDatabase, testDatabase } from '../../src/testing/index.js'
import { at, ownState, settled } from './ownState.js'

async function claimed(place: TestDatabase) {
  await place.db.createCollection('effects')
  const own = ownState(place)
  await own.store.create('s', at(0), 'f', 'me')
  const { checkpoint } = await own.claim('me')
  const effect = async (session: ClientSession | undefined, change: number) =>
    void (await place.db.collection('effects').insertOne({ change }, { session: session! }))
  const effects = () => place.db.collection('effects').countDocuments()
  return { ...own, claim: { name: 's', epoch: checkpoint.epoch, rev: checkpoint.rev }, effect, effects }
}

/** A transaction that has written its checkpoint and then hears nothing more, until it is woken. */
async function hangingTransaction(place: TestDatabase) {
  const own = await claimed(place)
  let wake = () => undefined as void
  const asleep = new Promise<void>((resolve) => (wake = resolve))
  let entered = () => undefined as void
  const inside = new Promise<void>((resolve) => (entered = resolve))
  const hangs = async (session: ClientSession | undefined) => {
    entered()
    await asleep
    await own.effect(session, 1)
  }
  const commit = own.store.commitWith(own.claim, settled(1), hangs, false)
  commit.catch(() => undefined)
  await inside
  return { ...own, wake, commit }
}

test('rule 11: a commit that is repeated because its answer was lost does its effects once; filtering on the epoch alone does them twice', async () => {
  await using place = await testDatabase(inject('mongoUri'))
  const own = await claimed(place)
  let { claim } = own
  for (let change = 1; change <= 10; change++) {
    const commit = () => own.store.commitWith(claim, settled(change), (session) => own.effect(session, change), false)
    await commit()
    const repeated = await commit()
    if (repeated.kind !== 'committed') throw new Error(repeated.kind)
    claim = repeated.claim
  }
  expect(await own.effects()).toBe(10)

  const naive = place.client.startSession()
  await place.db.collection('effects').deleteMany({})
  for (let change = 1; change <= 10; change++) {
    for (let time = 1; time <= 2; time++) {
      await naive.withTransaction(async () => {
        const matched = await place.db
          .collection('stream')
          .updateOne({ _id: 's' as never, epoch: 1 }, { $set: { token: at(change).token } }, { session: naive })
        if (matched.matchedCount === 1) await own.effect(naive, change)
      })
    }
  }
  await naive.endSession()
  expect(await own.effects()).toBe(20)
  await own.leases.release('s', 1)
  await own[Symbol.asyncDispose]()
})

test('rule 12: an open transaction whose end is unknown is ended at once, and what it still does matches nothing', async () => {
  await using place = await testDatabase(inject('mongoUri'))
  const own = await hangingTransaction(place)
  const began = performance.now()
  const certain = await own.store.settleUnknown(own.claim, settled(1), at(0))
  // Else the server ends it after transactionLifetimeLimitSeconds, a minute.
  expect(performance.now() - began).toBeLessThan(30_000)
  expect(certain).toEqual({ kind: 'not landed', claim: { ...own.claim, rev: 1 } })

  const next = { ...own.claim, rev: 1 }
  expect(await own.store.commitWith(next, settled(1), (session) => own.effect(session, 1), false)).toMatchObject({
    kind: 'committed',
  })
  own.wake()
  await expect(own.commit).rejects.toBeDefined()
  expect(await own.effects()).toBe(1)
  await own.leases.release('s', 1)
  await own[Symbol.asyncDispose]()
})

test('rule 12, the naive version: a transaction on a new session meets the lock of the one that stayed open, for a minute', async () => {
  await using place = await testDatabase(inject('mongoUri'))
  const own = await hangingTransaction(place)
  const session = place.client.startSession()
  session.startTransaction()
  const naive = place.db.collection('stream').updateOne({ _id: 's' as never }, { $inc: { rev: 1 } }, { session })
  await expect(naive).rejects.toMatchObject({ code: 112 })
  await session.abortTransaction()
  await session.endSession()
  own.wake()
  await own.commit
  await own.leases.release('s', 1)
  await own[Symbol.asyncDispose]()
})

test('rule 8: a session that hangs stays listed beside the one that replaces it', async () => {
  await using place = await testDatabase(inject('mongoUri'))
  const own = await hangingTransaction(place)
  const listed = async () =>
    (await place.db.collection('stream.leases').findOne({ _id: 's' as never }))?.['sessions'] as unknown[]
  const before = await listed()
  await own.store.settleUnknown(own.claim, settled(1), at(0))
  await own.store.commitWith({ ...own.claim, rev: 1 }, settled(1), (session) => own.effect(session, 1), false)
  const after = await listed()
  expect(before).toHaveLength(2)
  expect(after).toHaveLength(3)
  expect(after).toEqual(expect.arrayContaining(before))
  own.wake()
  await own.commit.catch(() => undefined)
  await own.leases.release('s', 1)
  expect(await listed()).toEqual([])
  await own[Symbol.asyncDispose]()
})

test('rule 8: a worker that was taken over goes on with no session that it could not list', async () => {
  await using place = await testDatabase(inject('mongoUri'))
  const taken = await hangingTransaction(place)
  await using next = ownState(place)
  await next.leases.acquire({ name: 's', owner: 'next', process: null, ttlMs: 60_000, over: 1 })
  const outcome = await taken.store.commitWith(taken.claim, settled(3), (session) => taken.effect(session, 3), false)
  expect(outcome).toMatchObject({ kind: 'fenced' })
  await next.leases.release('s', 2)
  taken.wake()
  await taken.commit.catch(() => undefined)
})
