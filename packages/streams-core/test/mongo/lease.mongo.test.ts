import { expect, inject, test } from 'vitest'
import { killSessions } from '../../src/mongo/ownSessions.js'
import { type TestDatabase, testDatabase } from '../../src/testing/index.js'
import { at, ownState, settled } from './ownState.js'

const leases = (place: TestDatabase) => place.db.collection<{ _id: string; owner: string; epoch: number }>('stream.leases')
const states = (place: TestDatabase) => place.db.collection<{ _id: string }>('stream')

test('rule 7: a lease that somebody deletes comes back with a higher epoch; starting anew, a zombie of its former life matches again', async () => {
  await using place = await testDatabase(inject('mongoUri'))
  await using zombie = ownState(place)
  await zombie.store.create('s', at(1), 'f', 'zombie')
  await zombie.claim('zombie')
  const claim = { name: 's', epoch: 1, rev: 0 }

  await leases(place).deleteOne({ _id: 's' })
  // A lease that knows of no epoch but its own begins with 1, and its owner is the zombie's equal.
  const naive = await states(place).updateOne({ _id: 's', epoch: { $lte: 1 } }, { $set: { epoch: 1, owner: 'naive' } })
  expect(naive.matchedCount).toBe(1)
  expect(await zombie.store.commit(claim, settled(2))).toMatchObject({ kind: 'committed' })

  await using next = ownState(place)
  expect((await next.claim('next')).checkpoint).toMatchObject({ epoch: 2, rev: 1 })
  expect(await zombie.store.commit({ ...claim, rev: 1 }, settled(3))).toEqual({ kind: 'fenced', epoch: 2 })
  await next.leases.release('s', 2)
})

test('rule 7: of many first owners at once one gets the lease, and there is one document; in one upsert the server refuses the condition with 224', async () => {
  await using place = await testDatabase(inject('mongoUri'))
  const owners = Array.from({ length: 8 }, () => ownState(place))
  const request = { name: 's', process: null, ttlMs: 60_000, over: null }
  const got = await Promise.all(owners.map(({ leases }, i) => leases.acquire({ ...request, owner: `owner ${i}` })))
  expect(got.filter(({ kind }) => kind === 'acquired')).toEqual([{ kind: 'acquired', epoch: 1 }])
  expect(await leases(place).countDocuments()).toBe(1)

  const free = { $expr: { $lte: ['$until', '$$NOW'] } }
  const naive = leases(place).updateOne({ _id: 's', ...free }, { $set: { owner: 'naive' } }, { upsert: true })
  await expect(naive).rejects.toMatchObject({ code: 224 })
  await owners[got.findIndex(({ kind }) => kind === 'acquired')]!.leases.release('s', 1)
  for (const owner of owners) await owner[Symbol.asyncDispose]()
})

test('rule 8: an owner has two sessions, because the server refuses to read on within a transaction', async () => {
  await using place = await testDatabase(inject('mongoUri'))
  await place.db.collection('source').insertMany([{}, {}, {}])
  await using own = ownState(place)
  await own.store.create('s', at(1), 'f', 'me')
  await own.claim('me')
  expect((await leases(place).findOne()) as unknown).toMatchObject({ sessions: { length: 2 } })

  const naive = place.client.startSession({ causalConsistency: false })
  const cursor = place.db.collection('source').find({}, { session: naive, batchSize: 1 })
  await cursor.next()
  naive.startTransaction()
  await expect(cursor.next()).rejects.toMatchObject({ code: 50739 })
  await naive.abortTransaction().catch(() => undefined)
  await killSessions(place.client, [naive.id as never])
  await naive.endSession()
  await own.leases.release('s', 1)
})

test('rule 8: a session that may be killed is never given back; ended, its id is in use again, and killing it ends other work', async () => {
  await using place = await testDatabase(inject('mongoUri'))
  await place.db.collection('source').insertMany([{}, {}, {}])
  const finished = place.client.startSession()
  await place.db.collection('source').findOne({}, { session: finished })
  const id = finished.id as never
  await finished.endSession()

  const other = place.client.startSession()
  const cursor = place.db.collection('source').find({}, { session: other, batchSize: 2 })
  await cursor.next()
  expect(other.id).toEqual(id)
  await killSessions(place.client, [id])
  await cursor.next()
  await expect(cursor.next()).rejects.toMatchObject({ code: 43 })
  await cursor.close()
  await other.endSession()
})
