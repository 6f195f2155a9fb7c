import assert from 'node:assert/strict'
import type { Acquired, LeaseStore } from '../../ports.js'
import { type ContractCase, contractCases } from './contractCases.js'
import { matches } from './matches.js'

export interface LeaseStoreFixture extends AsyncDisposable {
  readonly leases: LeaseStore
  /** Lets this much of the server's time go by. */
  pass(ms: number): Promise<void>
}

/** What every LeaseStore promises; runs against memory and MongoDB. */
export function leaseStoreContract(make: () => Promise<LeaseStoreFixture>): readonly ContractCase[] {
  const { cases, test } = contractCases()

  const acquire = ({ leases }: LeaseStoreFixture, owner: string, ttlMs = 60_000, over: number | null = null): Promise<Acquired> =>
    leases.acquire({ name: 's', owner, process: null, ttlMs, over })

  test('the first owner gets it; while it is live nobody else does, and hears who holds it and for how long', async () => {
    await using fixture = await make()
    assert.equal(await fixture.leases.load('s'), null)
    assert.deepEqual(await acquire(fixture, 'one'), { kind: 'acquired', epoch: 1 })
    const refused = await acquire(fixture, 'two')
    matches(refused, { kind: 'held', lease: { owner: 'one', epoch: 1 } })
    assert.ok(refused.kind === 'held' && (refused.lease.remainingMs ?? 0) > 50_000)
  })

  test('an expired or released lease is free, and the epoch rises with every owner', async () => {
    await using fixture = await make()
    await acquire(fixture, 'one', 100)
    await fixture.pass(150)
    assert.ok((await fixture.leases.load('s'))!.remainingMs! <= 0)
    assert.deepEqual(await acquire(fixture, 'two'), { kind: 'acquired', epoch: 2 })
    await fixture.leases.release('s', 2)
    matches(await fixture.leases.load('s'), { owner: null, epoch: 2, remainingMs: null })
    assert.deepEqual(await acquire(fixture, 'three'), { kind: 'acquired', epoch: 3 })
  })

  test('renewing makes it last; a former owner can neither renew nor release', async () => {
    await using fixture = await make()
    await acquire(fixture, 'one', 100)
    assert.equal(await fixture.leases.renew('s', 1, 60_000), true)
    await fixture.pass(150)
    matches(await acquire(fixture, 'two'), { kind: 'held' })
    assert.deepEqual(await acquire(fixture, 'two', 60_000, 1), { kind: 'acquired', epoch: 2 })
    assert.equal(await fixture.leases.renew('s', 1, 60_000), false)
    await fixture.leases.release('s', 1)
    matches(await fixture.leases.load('s'), { owner: 'two', epoch: 2 })
  })

  test('a renewal that comes through after the release renews nothing: the stream would be held by nobody', async () => {
    await using fixture = await make()
    await acquire(fixture, 'one')
    await fixture.leases.release('s', 1)
    assert.equal(await fixture.leases.renew('s', 1, 60_000), false)
    assert.deepEqual(await acquire(fixture, 'two'), { kind: 'acquired', epoch: 2 })
  })

  test('a live lease is taken only over the epoch that was seen: a take-over that comes late takes nothing from the next owner', async () => {
    await using fixture = await make()
    await acquire(fixture, 'one')
    matches(await acquire(fixture, 'two', 60_000, 1), { kind: 'acquired', epoch: 2 })
    matches(await acquire(fixture, 'three', 60_000, 1), { kind: 'held', lease: { owner: 'two' } })
  })

  test('of many that ask at once exactly one gets it', async () => {
    await using fixture = await make()
    const asked = await Promise.all(Array.from({ length: 8 }, (_, i) => acquire(fixture, `w${i}`)))
    assert.equal(asked.filter(({ kind }) => kind === 'acquired').length, 1)
  })

  return cases
}
