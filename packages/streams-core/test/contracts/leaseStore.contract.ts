import { expect, test } from 'vitest'
import type { Acquired, LeaseStore } from '../../src/ports.js'

export interface LeaseStoreFixture extends AsyncDisposable {
  readonly leases: LeaseStore
  /** Lets this much of the server's time go by. */
  pass(ms: number): Promise<void>
}

/** What every LeaseStore promises; runs against memory and MongoDB. */
export function leaseStoreContract(make: () => Promise<LeaseStoreFixture>): void {
  const acquire = ({ leases }: LeaseStoreFixture, owner: string, ttlMs = 60_000, over: number | null = null): Promise<Acquired> =>
    leases.acquire({ name: 's', owner, process: null, ttlMs, over })

  test('the first owner gets it; while it is live nobody else does, and hears who holds it and for how long', async () => {
    await using fixture = await make()
    expect(await fixture.leases.load('s')).toBeNull()
    expect(await acquire(fixture, 'one')).toEqual({ kind: 'acquired', epoch: 1 })
    const refused = await acquire(fixture, 'two')
    expect(refused).toMatchObject({ kind: 'held', lease: { owner: 'one', epoch: 1 } })
    expect(refused.kind === 'held' && refused.lease.remainingMs).toBeGreaterThan(50_000)
  })

  test('an expired or released lease is free, and the epoch rises with every owner', async () => {
    await using fixture = await make()
    await acquire(fixture, 'one', 100)
    await fixture.pass(150)
    expect((await fixture.leases.load('s'))!.remainingMs).toBeLessThanOrEqual(0)
    expect(await acquire(fixture, 'two')).toEqual({ kind: 'acquired', epoch: 2 })
    await fixture.leases.release('s', 2)
    expect(await fixture.leases.load('s')).toMatchObject({ owner: null, epoch: 2, remainingMs: null })
    expect(await acquire(fixture, 'three')).toEqual({ kind: 'acquired', epoch: 3 })
  })

  test('renewing makes it last; a former owner can neither renew nor release', async () => {
    await using fixture = await make()
    await acquire(fixture, 'one', 100)
    expect(await fixture.leases.renew('s', 1, 60_000)).toBe(true)
    await fixture.pass(150)
    expect(await acquire(fixture, 'two')).toMatchObject({ kind: 'held' })
    expect(await acquire(fixture, 'two', 60_000, 1)).toEqual({ kind: 'acquired', epoch: 2 })
    expect(await fixture.leases.renew('s', 1, 60_000)).toBe(false)
    await fixture.leases.release('s', 1)
    expect(await fixture.leases.load('s')).toMatchObject({ owner: 'two', epoch: 2 })
  })

  test('a renewal that comes through after the release renews nothing: the stream would be held by nobody', async () => {
    await using fixture = await make()
    await acquire(fixture, 'one')
    await fixture.leases.release('s', 1)
    expect(await fixture.leases.renew('s', 1, 60_000)).toBe(false)
    expect(await acquire(fixture, 'two')).toEqual({ kind: 'acquired', epoch: 2 })
  })

  test('a live lease is taken only over the epoch that was seen: a take-over that comes late takes nothing from the next owner', async () => {
    await using fixture = await make()
    await acquire(fixture, 'one')
    expect(await acquire(fixture, 'two', 60_000, 1)).toMatchObject({ kind: 'acquired', epoch: 2 })
    expect(await acquire(fixture, 'three', 60_000, 1)).toMatchObject({ kind: 'held', lease: { owner: 'two' } })
  })

  test('of many that ask at once exactly one gets it', async () => {
    await using fixture = await make()
    const asked = await Promise.all(Array.from({ length: 8 }, (_, i) => acquire(fixture, `w${i}`)))
    expect(asked.filter(({ kind }) => kind === 'acquired')).toHaveLength(1)
  })
}
