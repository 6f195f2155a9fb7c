import { expect, inject, test } from 'vitest'
import { type Move, moveCheckpoint } from '../../src/mongo/moveCheckpoint.js'
import { toPositionDocument } from '../../src/mongo/positionDocument.js'
import { type TestDatabase, testDatabase } from '../../src/testing/index.js'
import { at, ownState, settled } from './ownState.js'

const move = (rev: number, to: number): Move => ({
  name: 's',
  rev,
  to: at(to),
  fingerprint: null,
  holder: { owner: 'operator', process: null, isGone: () => false },
  row: { action: 'reset', by: 'operator', reason: null },
})

const moved = (place: TestDatabase, rev: number, to: number) =>
  moveCheckpoint({ client: place.client, database: place.name, collection: 'stream' }, move(rev, to))
const states = (place: TestDatabase) => place.db.collection<{ _id: string }>('stream')
const history = (place: TestDatabase) => place.db.collection('stream.history').find({ action: 'reset' }).toArray()

/** An owner that has settled two changes and then froze for longer than its lease. */
async function frozenOwner(place: TestDatabase) {
  const own = ownState(place)
  await own.store.create('s', at(1), 'f', 'frozen')
  const { checkpoint } = await own.claim('frozen')
  const claim = { name: 's', epoch: checkpoint.epoch, rev: checkpoint.rev }
  await own.store.commit(claim, settled(2))
  await own.store.commit({ ...claim, rev: 1 }, settled(3))
  await place.db.collection('stream.leases').updateOne({}, { $set: { until: new Date(0) } })
  return { ...own, claim: { ...claim, rev: 2 } }
}

test('rule 10: a move raises epoch and rev with its row in the history; whoever owned the stream before is fenced', async () => {
  await using place = await testDatabase(inject('mongoUri'))
  await using frozen = await frozenOwner(place)
  expect(await moved(place, 2, 1)).toMatchObject({ kind: 'moved', rev: 3, before: at(3) })
  expect(await states(place).findOne()).toMatchObject({ token: at(1).token, epoch: 2, rev: 3, previous: { token: at(3).token } })
  expect(await history(place)).toMatchObject([{ before: { token: at(3).token }, after: { token: at(1).token }, rev: 3 }])
  expect(await place.db.collection('stream.leases').findOne()).toMatchObject({ owner: null, until: null, epoch: 2 })

  expect(await frozen.store.commit(frozen.claim, settled(4))).toEqual({ kind: 'fenced', epoch: 2 })
  expect(await states(place).findOne()).toMatchObject({ token: at(1).token })
})

test('rule 10, the naive version: a conditional write that raises no epoch is overwritten by the old owner', async () => {
  await using place = await testDatabase(inject('mongoUri'))
  await using frozen = await frozenOwner(place)
  const naive = await states(place).updateOne({ _id: 's', rev: 2 }, { $set: { ...toPositionDocument(at(1)) } })
  expect(naive.modifiedCount).toBe(1)
  expect(await frozen.store.commit(frozen.claim, settled(4))).toMatchObject({ kind: 'committed' })
  // The operator's position was 1.
  expect(await states(place).findOne()).toMatchObject({ token: at(4).token })
})

test('rule 10: a move holds as it was planned or not at all: a position that moved meanwhile is left as it is', async () => {
  await using place = await testDatabase(inject('mongoUri'))
  await using frozen = await frozenOwner(place)
  expect(await frozen.store.commit(frozen.claim, settled(4))).toMatchObject({ kind: 'committed' })
  expect(await moved(place, 2, 1)).toMatchObject({ kind: 'changed', rev: 3 })
  expect(await states(place).findOne()).toMatchObject({ token: at(4).token, epoch: 1, rev: 3 })
  expect(await history(place)).toEqual([])
})

test('rule 10: a move takes nothing from a live owner', async () => {
  await using place = await testDatabase(inject('mongoUri'))
  await using own = ownState(place)
  await own.store.create('s', at(1), 'f', 'me')
  await own.claim('me')
  expect(await moved(place, 0, 1)).toMatchObject({ kind: 'held', lease: { owner: 'me', epoch: 1 } })
  expect(await own.store.commit({ name: 's', epoch: 1, rev: 0 }, settled(2))).toMatchObject({ kind: 'committed' })
  await own.leases.release('s', 1)
})
