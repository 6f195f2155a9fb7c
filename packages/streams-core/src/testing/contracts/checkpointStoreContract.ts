import assert from 'node:assert/strict'
import type { CheckpointStore, LeaseStore } from '../../ports.js'
import { at, claimed, fence, settled } from './claimed.js'
import { type ContractCase, contractCases } from './contractCases.js'
import { matches } from './matches.js'

export interface CheckpointStoreFixture extends AsyncDisposable {
  readonly store: CheckpointStore
  readonly leases: LeaseStore
  /** What the older Go service would have left, or would leave now. */
  leaveOlder(name: string, token: string): Promise<void>
  /** Writes one observable effect in the store's transaction, or rejects after having written it. */
  effect(session: unknown, value: number): Promise<unknown>
  effects(): Promise<number[]>
}

/** What every CheckpointStore promises; runs against memory and MongoDB. */
export function checkpointStoreContract(make: () => Promise<CheckpointStoreFixture>): readonly ContractCase[] {
  const { cases, test } = contractCases()

  test('a stream without state loads as null; the first position that is created stays', async () => {
    await using fixture = await make()
    const { store } = fixture
    assert.equal(await store.load('s'), null)
    await store.create('s', at(1), 'f', 'me')
    await store.create('s', at(2), 'g', 'me')
    matches(await store.load('s'), {
      name: 's',
      position: at(1),
      fingerprint: 'f',
      epoch: 0,
      rev: 0,
      owner: null,
      restarts: 0,
    })
  })

  test('type bits belong to the position: they come back, and go with the next position that has none', async () => {
    await using fixture = await make()
    const { store } = fixture
    await store.create('s', at(1, { typeBits: Uint8Array.of(130, 5) }), 'f', 'me')
    assert.deepEqual((await store.load('s'))?.position?.typeBits, Uint8Array.of(130, 5))
    const { checkpoint } = await fence(fixture, 'me')
    assert.deepEqual(checkpoint.position?.typeBits, Uint8Array.of(130, 5))
    await store.commit({ name: 's', epoch: 1, rev: 0 }, settled(at(2)))
    assert.deepEqual((await store.load('s'))?.position, at(2))
  })

  test('fencing raises the epoch and returns the position; an owner that did not release makes the next start unclean and counts a restart', async () => {
    await using fixture = await make()
    const { store } = fixture
    await store.create('s', at(1), 'f', 'me')
    matches(await fence(fixture, 'one'), {
      unclean: false,
      checkpoint: { epoch: 1, owner: 'one', position: at(1), restarts: 0 },
    })
    const second = await fence(fixture, 'two')
    matches(second, { unclean: true, checkpoint: { epoch: 2, owner: 'two' } })
    await store.release({ name: 's', epoch: 2, rev: 0 }, null, false)
    matches(await fence(fixture, 'three'), { unclean: false, checkpoint: { epoch: 3 } })
    assert.equal((await store.load('s'))?.restarts, 1)
  })

  test('an epoch that is not above the saved one fences nothing', async () => {
    await using fixture = await make()
    await claimed(fixture)
    assert.equal(await fixture.store.fence('s', 1, 'late', 'f'), null)
    assert.equal((await fixture.store.load('s'))?.owner, 'me')
  })

  test('the next owner’s epoch is above the saved one too, should somebody have raised it by hand: a lower one could never fence', async () => {
    await using fixture = await make()
    await fixture.store.create('s', at(1), 'f', 'me')
    await fixture.store.fence('s', 7, 'by hand', 'f')
    matches(await fence(fixture, 'me'), { checkpoint: { epoch: 8, owner: 'me' } })
  })

  test('a fence that landed without its owner hearing of it is repeated as if it were the first; nobody else may use its epoch', async () => {
    await using fixture = await make()
    await claimed(fixture)
    matches(await fixture.store.fence('s', 1, 'me', 'f'), {
      unclean: true,
      checkpoint: { epoch: 1, rev: 0, position: at(1), restarts: 0 },
    })
    assert.equal(await fixture.store.fence('s', 1, 'other', 'f'), null)
  })

  test('each commit filters on epoch and rev and raises rev; the highest settled token never falls', async () => {
    await using fixture = await make()
    const { store } = fixture
    const claim = await claimed(fixture)
    assert.deepEqual(await store.commit(claim, settled(at(5))), { kind: 'committed', claim: { ...claim, rev: 1 } })
    matches(await store.commit({ ...claim, rev: 1 }, settled(at(3))), { kind: 'committed' })
    matches(await store.load('s'), { position: at(3), highest: at(5).token, rev: 2 })
  })

  test('a heartbeat moves the position without counting as settled', async () => {
    await using fixture = await make()
    const claim = await claimed(fixture)
    await fixture.store.commit(claim, { position: at(9), settled: false, uuid: null })
    matches(await fixture.store.load('s'), { position: at(9), highest: null })
  })

  test('a former owner is fenced; a rev that somebody else moved is moved; our own landed commit is recognised when it is repeated', async () => {
    await using fixture = await make()
    const { store } = fixture
    const claim = await claimed(fixture)
    await store.commit(claim, settled(at(2)))
    assert.deepEqual(await store.commit(claim, settled(at(2))), { kind: 'committed', claim: { ...claim, rev: 1 } })
    assert.deepEqual(await store.commit(claim, settled(at(7))), { kind: 'moved', rev: 1 })
    await fence(fixture, 'other')
    assert.deepEqual(await store.commit({ ...claim, rev: 1 }, settled(at(3))), { kind: 'fenced', epoch: 2 })
    assert.deepEqual((await store.load('s'))?.position, at(2))
  })

  test('effects and checkpoint land together, or not at all when the effects reject', async () => {
    await using fixture = await make()
    const { store } = fixture
    const claim = await claimed(fixture)
    const landed = await store.commitWith(claim, settled(at(2)), (session) => fixture.effect(session, 2), false)
    assert.deepEqual(landed, { kind: 'committed', claim: { ...claim, rev: 1 } })
    const broken = store.commitWith(
      { ...claim, rev: 1 },
      settled(at(3)),
      async (session) => {
        await fixture.effect(session, 3)
        throw new Error('broken')
      },
      false,
    )
    await assert.rejects(broken, /broken/)
    assert.deepEqual(await fixture.effects(), [2])
    matches(await store.load('s'), { position: at(2), rev: 1 })
  })

  test('a worker that lost its claim does no effect: the checkpoint comes first in the transaction', async () => {
    await using fixture = await make()
    const { store } = fixture
    const claim = await claimed(fixture)
    await fence(fixture, 'other')
    let called = false
    const outcome = await store.commitWith(claim, settled(at(2)), async () => void (called = true), false)
    assert.deepEqual(outcome, { kind: 'fenced', epoch: 2 })
    assert.equal(called, false)
  })

  test('a repeated transaction whose first answer was lost is recognised and its effects are not done twice', async () => {
    await using fixture = await make()
    const { store } = fixture
    const claim = await claimed(fixture)
    const again = () => store.commitWith(claim, settled(at(2)), (session) => fixture.effect(session, 2), false)
    await again()
    assert.deepEqual(await again(), { kind: 'committed', claim: { ...claim, rev: 1 } })
    assert.deepEqual(await fixture.effects(), [2])
  })

  test('what the oplog forgot is kept once for each position, by the owner only', async () => {
    await using made = await make()
    const { store } = made
    await store.create('s', at(1), 'f', 'w')
    const { checkpoint } = await fence(made, 'w')
    const claim = { name: 's', epoch: checkpoint.epoch, rev: checkpoint.rev }
    const gap = { from: at(1).clusterTime, to: { t: 200, i: 1 }, at: new Date(1000) }
    await store.lost(claim, at(1), gap, 'w')
    await store.lost(claim, at(1), { ...gap, at: new Date(2000) }, 'w')
    const later = { from: at(2).clusterTime, to: null, at: new Date(3000) }
    await store.lost({ ...claim, epoch: claim.epoch - 1 }, at(2), later, 'former')
    assert.deepEqual((await store.load('s'))?.gaps, [gap])
    await store.lost(claim, at(2), later, 'w')
    assert.deepEqual((await store.load('s'))?.gaps, [gap, later])
  })

  test('an unknown commit that did not land never will once it is settled: rev is raised where the position stands', async () => {
    await using fixture = await make()
    const { store } = fixture
    const claim = await claimed(fixture)
    const raised = { kind: 'not landed', claim: { ...claim, rev: 1 } }
    assert.deepEqual(await store.settleUnknown(claim, settled(at(2)), at(1)), raised)
    assert.deepEqual(await store.settleUnknown(claim, settled(at(2)), at(1)), raised)
    matches(await store.load('s'), { position: at(1), highest: null, rev: 1 })
    const late = await store.commitWith(claim, settled(at(2)), (session) => fixture.effect(session, 2), false)
    assert.deepEqual(late, { kind: 'moved', rev: 1 })
    assert.deepEqual(await fixture.effects(), [])
    matches(await store.commit({ ...claim, rev: 1 }, settled(at(2))), { kind: 'committed' })
  })

  test('an unknown commit that landed is recognised; a new owner, or a position that somebody moved, too', async () => {
    await using fixture = await make()
    const { store } = fixture
    const claim = await claimed(fixture)
    await store.commitWith(claim, settled(at(2)), (session) => fixture.effect(session, 2), false)
    const next = { ...claim, rev: 1 }
    assert.deepEqual(await store.settleUnknown(claim, settled(at(2)), at(1)), { kind: 'committed', claim: next })
    matches(await store.load('s'), { position: at(2), rev: 1 })
    assert.deepEqual(await store.settleUnknown(claim, settled(at(3)), at(1)), { kind: 'moved', rev: 1 })
    await fence(fixture, 'other')
    assert.deepEqual(await store.settleUnknown(next, settled(at(3)), at(2)), { kind: 'fenced', epoch: 2 })
    matches(await store.load('s'), { position: at(2), rev: 1 })
  })

  test('releasing keeps an error for operators and forgets the owner, once; what it leaves in doubt makes the next start unclean; a former owner’s release changes nothing', async () => {
    await using fixture = await make()
    const { store } = fixture
    const claim = await claimed(fixture)
    const error = { code: 'HANDLER_FAILED', name: 'Error', at: new Date(5), token: at(3).token }
    await store.release(claim, error, true)
    matches(await store.load('s'), { owner: null, lastError: error })
    await store.release(claim, null, false)
    matches(await store.load('s'), { lastError: error, inDoubt: true })
    matches(await fence(fixture, 'other'), { unclean: true, checkpoint: { restarts: 0 } })
    await store.release(claim, error, false)
    matches(await store.load('s'), { owner: 'other', lastError: null })
  })

  test('a refused start is kept for operators where nobody owns the stream and nothing has happened since, and the next claim takes it out', async () => {
    await using fixture = await make()
    const { store } = fixture
    const error = { code: 'FINGERPRINT_CHANGED', name: 'StreamError', at: new Date(5), token: null }
    const claim = await claimed(fixture)
    await store.refuse(claim, error)
    matches(await store.load('s'), { owner: 'me', lastError: null })
    await store.release(claim, null, false)
    for (const seen of [
      { ...claim, epoch: claim.epoch - 1 },
      { ...claim, rev: claim.rev - 1 },
    ])
      await store.refuse(seen, error)
    matches(await store.load('s'), { lastError: null })
    await store.refuse(claim, error)
    await store.refuse(claim, { ...error, code: 'OTHER' })
    matches(await store.load('s'), { owner: null, epoch: claim.epoch, rev: claim.rev, lastError: error })
    matches(await fence(fixture, 'other'), { unclean: false, checkpoint: { lastError: null } })
  })

  test('an older service’s position is adopted once, as foreign, and refused when that service moves it later', async () => {
    await using fixture = await make()
    const { store } = fixture
    assert.equal(await store.adopt('s', 'f', 'me'), null)
    assert.equal(await store.load('s'), null)
    await fixture.leaveOlder('s', at(4).token)
    assert.deepEqual(await store.adopt('s', 'f', 'me'), await store.load('s'))
    matches(await store.adopt('s', 'f', 'me'), { position: at(4, { by: 'foreign' }), adopted: { token: at(4).token } })
    await fixture.leaveOlder('s', at(6).token)
    await assert.rejects(store.adopt('s', 'f', 'me'), { code: 'OLDER_SERVICE_RUNNING' })
  })

  return cases
}
