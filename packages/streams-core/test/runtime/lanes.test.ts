import { setImmediate as turn } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { type Change, type Context, StreamError } from '../../src/index.js'
import type { CheckpointStore } from '../../src/ports.js'
import { silentLog } from '../../src/silentLog.js'
import { type Bench, bench, inBatches, recorder, start, takeOver } from './bench.js'

const idOf = (change: Change) => change.documentKey?._id

/** Until nothing more happens. */
async function settle(count: () => number): Promise<number> {
  for (let last = -1; last !== count();) {
    last = count()
    for (let turns = 0; turns < 20; turns += 1) await turn()
  }
  return count()
}

/** A handler that never comes to an end with the change `slow`, until it is let go. */
function stuckAt(slow: unknown) {
  let letGo!: () => void
  const free = new Promise<void>((resolve) => (letGo = resolve))
  const begun: unknown[] = []
  const handle = async (change: Change) => {
    begun.push(idOf(change))
    if (idOf(change) === slow) await free
  }
  return { begun, handle, letGo }
}

for (const { what, bytes, ahead } of [
  { what: '10,000 changes', bytes: 100, ahead: 10_000 },
  { what: '64 MB', bytes: 1024 * 1024, ahead: 64 },
])
  test(`rule 24: reading waits ${what} ahead of a change that does not settle, settled ones included, and goes on once it does`, async () => {
    const at = bench()
    await start(at, { handle: () => undefined })
    const all = ahead * 2 + 500
    for (let id = 0; id < all; id += 1) at.source.insert({ _id: id })
    const source = inBatches(at, 10, bytes)
    const { begun, handle, letGo } = stuckAt(0)
    const logged: unknown[] = []
    const log = { ...silentLog, warn: (facts: unknown) => void logged.push(facts) }
    const running = start(at, { handle, concurrency: 8 }, { until: 'caught-up' }, { source, log })
    await settle(() => begun.length)
    expect(begun.length).toBe(ahead)
    expect(source.read()).toBeLessThan(ahead + 11)
    // The position has not moved: everything that was settled behind the oldest change would come again after a crash.
    expect((await at.state.store.load('s'))!.highest).toBeNull()
    expect(logged).toEqual([{ token: expect.any(String) as string }])
    letGo()
    expect(await running).toMatchObject({ handled: all })
    expect(begun).toHaveLength(all)
  })

test('rule 24: a key whose changes all wait for each other fills no more than that either, and is reported once, not for each change', async () => {
  const at = bench()
  await start(at, { handle: () => undefined })
  for (let id = 0; id < 12_000; id += 1) at.source.insert({ _id: id })
  const source = inBatches(at, 1000, 100)
  let lines = 0
  const log = { ...silentLog, warn: () => void (lines += 1) }
  let most = 0
  let handled = 0
  const handle = async () => {
    most = Math.max(most, source.read() - handled)
    await turn()
    handled += 1
  }
  await start(at, { handle, key: () => 'hot', concurrency: 8 }, { until: 'caught-up' }, { source, log })
  expect(handled).toBe(12_000)
  expect(most).toBeGreaterThanOrEqual(10_000)
  expect(most).toBeLessThanOrEqual(11_000)
  expect(lines).toBe(1)
})

test('rule 25: a change whose key is unknown is handled alone, after everything before it and before everything after it', async () => {
  const at = bench()
  await start(at, { handle: () => undefined })
  for (const _id of ['a', 'b', 'unknown', 'c', 'd']) at.source.insert({ _id })
  const events: string[] = []
  const handle = async (change: Change) => {
    const id = String(idOf(change))
    events.push(`${id}…`)
    for (let turns = id === 'a' ? 9 : 3; turns > 0; turns -= 1) await turn()
    events.push(id)
  }
  const key = (change: Change) => (idOf(change) === 'unknown' ? undefined : idOf(change))
  await start(at, { handle, key, concurrency: 8 })
  expect(events).toEqual(['a…', 'b…', 'b', 'a', 'unknown…', 'unknown', 'c…', 'd…', 'c', 'd'])
})

test('concurrency 1 is strict: each change is saved before the next one begins, whatever its key', async () => {
  const at = bench()
  await start(at, { handle: () => undefined })
  const tokens = ['a', 'b', 'c'].map((_id) => at.source.insert({ _id }).token)
  const saved: unknown[] = []
  const handle = async () => void saved.push((await at.state.store.load('s'))!.highest)
  const commit: CheckpointStore['commit'] = async (...args) => {
    for (let turns = 0; turns < 5; turns += 1) await turn()
    return await at.state.store.commit(...args)
  }
  const worker = { source: inBatches(at, 10, 100), store: { ...at.state.store, commit } }
  await start(at, { handle, concurrency: 1 }, { until: 'caught-up' }, worker)
  expect(saved).toEqual([null, tokens[0], tokens[1]])
})

/** Counts the commits of a store. */
function counting({ state: { store } }: Bench): CheckpointStore & { readonly commits: () => number } {
  let commits = 0
  const commit: CheckpointStore['commit'] = (...args) => {
    commits += 1
    return store.commit(...args)
  }
  return { ...store, commit, commits: () => commits }
}

test('a lone change is saved at once, without any time passing; those of a busy stream are saved together, and all of them when it is quiet', async () => {
  const at = bench()
  await start(at, { handle: () => undefined })
  const store = counting(at)
  const running = start(at, { handle: () => undefined, concurrency: 8 }, {}, { store, source: inBatches(at, 100, 100) })
  await expect.poll(async () => (await at.state.store.load('s'))?.owner).toBe('me')
  // No clock is advanced here.
  const lone = at.source.insert({ _id: 'lone' })
  await expect.poll(async () => (await at.state.store.load('s'))?.highest).toBe(lone.token)
  expect(store.commits()).toBe(1)
  let last = lone
  for (let id = 0; id < 1000; id += 1) last = at.source.insert({ _id: id })
  await expect.poll(async () => (await at.state.store.load('s'))?.highest).toBe(last.token)
  expect(store.commits()).toBeLessThan(50)
  at.stop.abort(new Error('enough'))
  expect(await running).toMatchObject({ handled: 1001 })
})

test('a worker that wakes up after its lease begins none of the changes that waited in its lanes', async () => {
  const at = bench()
  await start(at, { handle: () => undefined })
  for (let id = 0; id < 20; id += 1) at.source.insert({ _id: id })
  const { begun, handle, letGo } = stuckAt(0)
  const running = start(at, { handle, key: () => 'one', concurrency: 8 }, {}, { source: inBatches(at, 100, 100) })
  running.catch(() => undefined)
  await expect.poll(() => begun.length).toBe(1)
  // Frozen: the server's time goes by, another worker takes over, and then the handler comes to its end.
  await takeOver(at, 'other')
  const renewed = at.state.leases.renew
  Object.assign(at.state.leases, { renew: () => new Promise<never>(() => undefined) })
  at.clock.advance(60_000)
  letGo()
  await settle(() => begun.length)
  expect(begun).toEqual([0])
  Object.assign(at.state.leases, { renew: renewed })
  at.stop.abort(new Error('enough'))
})

test('a lease that is renewed late lets the changes that waited for it begin', async () => {
  const at = bench()
  await start(at, { handle: () => undefined })
  for (let id = 0; id < 20; id += 1) at.source.insert({ _id: id })
  const { begun, handle, letGo } = stuckAt(0)
  let renew!: () => void
  const leases = {
    ...at.state.leases,
    renew: async (...args: Parameters<typeof at.state.leases.renew>) => {
      await new Promise<void>((resolve) => (renew = resolve))
      return await at.state.leases.renew(...args)
    },
  }
  const running = start(
    at,
    { handle, key: () => 'one', concurrency: 8 },
    { max: 20 },
    { leases, source: inBatches(at, 100, 100) },
  )
  await expect.poll(() => begun.length).toBe(1)
  at.clock.advance(9_500)
  letGo()
  await settle(() => begun.length)
  expect(begun).toEqual([0])
  // From the clock's now on it lasts again.
  renew()
  await expect.poll(() => begun.length).toBe(20)
  expect(await running).toMatchObject({ handled: 20 })
})

test('a handler that fails for good stops the others’ next changes; what they have in hand settles, and its token is named', async () => {
  const at = bench()
  await start(at, { handle: () => undefined })
  const tokens = ['a', 'bad', 'c', 'd'].map((_id) => at.source.insert({ _id }).token)
  const { ids, handle } = recorder()
  const failing = async (change: Change, context: never) => {
    if (idOf(change) === 'bad') throw new RangeError('broken')
    if (idOf(change) === 'a') for (let turns = 0; turns < 20; turns += 1) await turn()
    await handle(change, context)
  }
  await expect(start(at, { handle: failing as never, concurrency: 2 })).rejects.toMatchObject({
    code: 'HANDLER_FAILED',
    details: { token: tokens[1] },
  })
  expect(ids()).toEqual(['a'])
  expect(await at.state.store.load('s')).toMatchObject({
    highest: tokens[0],
    lastError: { code: 'HANDLER_FAILED', token: tokens[1] },
  })
})

/** A1 is slow, A2 waits behind it, B3 is settled, A4 waits behind A2: then the run is asked to stop, and A1 settles. */
async function stoppedAmidst(onStop: (at: Bench) => void): Promise<{ first: unknown[]; second: unknown[] }> {
  const at = bench()
  await start(at, { handle: () => undefined })
  for (const _id of ['A1', 'A2', 'B3', 'A4']) at.source.insert({ _id })
  const key = (change: Change) => String(idOf(change))[0]
  const { begun, handle, letGo } = stuckAt('A1')
  const running = start(at, { handle, key, concurrency: 8 }, {}, { source: inBatches(at, 100, 100) })
  running.catch(() => undefined)
  await expect.poll(() => begun.length).toBe(2)
  onStop(at)
  letGo()
  await running.catch(() => undefined)
  const { ids, handle: again } = recorder()
  await start({ ...at, stop: new AbortController() }, { handle: again, key, concurrency: 8 })
  return { first: begun, second: ids() }
}

test('a clean stop with changes settled out of order repeats none: what waits before the last one begun is done first, the rest is given back', async () => {
  expect(await stoppedAmidst(({ stop }) => stop.abort(new Error('enough')))).toEqual({
    first: ['A1', 'B3', 'A2'],
    second: ['A4'],
  })
})

test('a worker that lost its lease does nothing more, and what settled out of order comes again', async () => {
  const fenced = new StreamError('FENCED', 'somebody else', { details: { stream: 's' } })
  expect(await stoppedAmidst(({ stop }) => stop.abort(fenced))).toEqual({ first: ['A1', 'B3'], second: ['A2', 'B3', 'A4'] })
})

test('a change that begins after the stop and gives up because of its signal has not failed: it is given back', async () => {
  const at = bench()
  await start(at, { handle: () => undefined })
  for (const _id of ['A1', 'A2', 'B3']) at.source.insert({ _id })
  const { begun, handle, letGo } = stuckAt('A1')
  const giving = async (change: Change, { signal }: Context) => {
    signal.throwIfAborted()
    await handle(change)
  }
  const key = (change: Change) => String(idOf(change))[0]
  const running = start(at, { handle: giving, key, concurrency: 8 }, {}, { source: inBatches(at, 100, 100) })
  await expect.poll(() => begun.length).toBe(2)
  at.stop.abort(new Error('enough'))
  letGo()
  expect(await running).toMatchObject({ reason: 'stopped', handled: 2 })
  expect(begun).toEqual(['A1', 'B3'])
})

test('a handler that fails for good while the run is asked to stop is no clean stop', async () => {
  for (const concurrency of [1, 8]) {
    const at = bench()
    await start(at, { handle: () => undefined })
    at.source.insert({ _id: 'a' })
    const handle = async () => {
      at.stop.abort(new Error('enough'))
      await turn()
      throw new RangeError('broken')
    }
    await expect(start(at, { handle, concurrency }, {})).rejects.toMatchObject({ code: 'HANDLER_FAILED' })
  }
})
