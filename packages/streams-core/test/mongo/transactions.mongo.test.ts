import { expect, inject, test } from 'vitest'
import { type TestDatabase, testDatabase } from '../../src/testing/index.js'
import { at, ownState, settled } from './ownState.js'

const targets = (place: TestDatabase) => place.db.collection<{ _id: string; n: number }>('target')

test('rule 13: a fenced worker never comes to its effects; with the checkpoint last it holds the targets of its successor', async () => {
  await using place = await testDatabase(inject('mongoUri'))
  await targets(place).insertOne({ _id: 'sum', n: 0 })
  await using fenced = ownState(place)
  await fenced.store.create('s', at(1), 'f', 'fenced')
  await fenced.claim('fenced')
  await using next = ownState(place)
  await next.claim('next')

  let effects = 0
  const effect = async () => void (effects += 1)
  expect(await fenced.store.commitWith({ name: 's', epoch: 1, rev: 0 }, settled(2), effect, false)).toEqual({
    kind: 'fenced',
    epoch: 2,
  })
  expect(effects).toBe(0)

  const naive = place.client.startSession()
  naive.startTransaction()
  await targets(place).updateOne({ _id: 'sum' }, { $inc: { n: 1 } }, { session: naive })
  const held = next.store.commitWith(
    { name: 's', epoch: 2, rev: 0 },
    settled(2),
    async (session) => void (await targets(place).updateOne({ _id: 'sum' }, { $inc: { n: 1 } }, { session: session! })),
    true,
  )
  expect(await held).toEqual({ kind: 'contended' })
  const checkpoint = await place.db
    .collection<{ _id: string }>('stream')
    .updateOne({ _id: 's', epoch: 1, rev: 0 }, { $inc: { rev: 1 } }, { session: naive })
  expect(checkpoint.matchedCount).toBe(0)
  await naive.abortTransaction()
  await naive.endSession()
  await next.leases.release('s', 2)
})
