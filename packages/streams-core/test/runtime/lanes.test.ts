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

/** A1 is slow, A2 waits behind it, B3 is settled, A4 waits behind A2: then something happens, and A1 settles. */
async function stoppedAmidst(
  onStop: (at: Bench) => unknown,
  leases: (at: Bench) => Bench['state']['leases'] = ({ state }) => state.leases,
): Promise<{ first: unknown[]; second: unknown[] }> {
  const at = bench()
  await start(at, { handle: () => undefined })
  for (const _id of ['A1', 'A2', 'B3', 'A4']) at.source.insert({ _id })
  const { begun, handle, letGo } = stuckAt('A1')
  const running = start(at, { handle, key, concurrency: 8 }, {}, { source: inBatches(at, 100, 100), leases: leases(at) })
  running.catch(() => undefined)
  await expect.poll(() => begun.length).toBe(2)
  await onStop(at)
  letGo()
  await running.catch(() => undefined)
  return { first: begun, second: (await goneOn(at)).map(({ id }) => id) }
}

const key = (change: Change) => String(idOf(change))[0]

/** What the next run is given. */
async function goneOn(at: Bench) {
  const { seen, handle } = recorder()
  await start({ ...at, stop: new AbortController() }, { handle, key, concurrency: 8 })
  return seen.map(({ id, context: { redelivered } }) => ({ id, redelivered }))
}

test('a clean stop with changes settled out of order repeats none: what waits before the last one begun is done first, the rest is given back', async () => {
  expect(await stoppedAmidst(({ stop }) => stop.abort(new Error('enough')))).toEqual({
    first: ['A1', 'B3', 'A2'],
    second: ['A4'],
  })
})

test('so does one whose reason is the error of another stream', async () => {
  const siblings = new StreamError('FENCED', 'another stream', { details: { stream: 'other' } })
  expect(await stoppedAmidst(({ stop }) => stop.abort(siblings))).toEqual({ first: ['A1', 'B3', 'A2'], second: ['A4'] })
})

test('a worker that lost its lease does nothing more, and what settled out of order comes again', async () => {
  let lost = false
  const leases = ({ state }: Bench) => ({
    ...state.leases,
    renew: async (...args: Parameters<typeof state.leases.renew>) => !lost && (await state.leases.renew(...args)),
  })
  const lose = async ({ clock }: Bench) => {
    lost = true
    clock.advance(5000)
    for (let turns = 0; turns < 20; turns += 1) await turn()
  }
  expect(await stoppedAmidst(lose, leases)).toEqual({ first: ['A1', 'B3'], second: ['A2', 'B3', 'A4'] })
})

test('what begins after the stop, because something behind it is done, has a signal of its own and is finished', async () => {
  const at = bench()
  await start(at, { handle: () => undefined })
  for (const _id of ['A1', 'A2', 'B3']) at.source.insert({ _id })
  const { begun, handle, letGo } = stuckAt('A1')
  const giving = async (change: Change, { signal }: Context) => {
    signal.throwIfAborted()
    await handle(change)
  }
  const running = start(at, { handle: giving, key, concurrency: 8 }, {}, { source: inBatches(at, 100, 100) })
  await expect.poll(() => begun.length).toBe(2)
  at.stop.abort(new Error('enough'))
  letGo()
  expect(await running).toMatchObject({ reason: 'stopped', handled: 3 })
  expect(begun).toEqual(['A1', 'B3', 'A2'])
  expect(await goneOn(at)).toEqual([])
})

const often = { attempts: 5, minDelayMs: 5, maxDelayMs: 5 }

test('a change that waits for its next attempt is finished by a clean stop when others behind it are done', async () => {
  const at = bench()
  await start(at, { handle: () => undefined })
  for (const _id of ['A1', 'B2', 'C3']) at.source.insert({ _id })
  const done: unknown[] = []
  let failing = true
  const handle = async (change: Change) => {
    if (idOf(change) === 'A1' && failing) throw new Error('not yet')
    done.push(idOf(change))
  }
  const retry = { ...often, attempts: 1000 }
  const running = start(at, { handle, key, concurrency: 8, retry }, {}, { source: inBatches(at, 100, 100) })
  await expect.poll(() => done.length).toBe(2)
  at.stop.abort(new Error('enough'))
  await settle(() => done.length)
  failing = false
  expect(await running).toMatchObject({ reason: 'stopped', handled: 3 })
  expect(await goneOn(at)).toEqual([])
})

test('changes that wait for their next attempts are given back at once when nothing behind them is done; the next run may have seen them', async () => {
  const at = bench()
  await start(at, { handle: () => undefined })
  for (const _id of ['A1', 'B2', 'C3']) at.source.insert({ _id })
  let failed = 0
  const handle = async (change: Change) => {
    if (idOf(change) === 'A1') return
    failed += 1
    throw new Error('not yet')
  }
  const retry = { attempts: 5, minDelayMs: 60_000, maxDelayMs: 60_000 }
  const running = start(at, { handle, key, concurrency: 8, retry }, {}, { source: inBatches(at, 100, 100) })
  await expect.poll(() => failed).toBe(2)
  at.stop.abort(new Error('enough'))
  expect(await running).toMatchObject({ reason: 'stopped', handled: 1 })
  expect(await goneOn(at)).toEqual([
    { id: 'B2', redelivered: 'unknown' },
    { id: 'C3', redelivered: 'unknown' },
  ])
})

test('after a handler that failed for good, what was settled behind it comes again as perhaps seen; after a clean stop nothing does', async () => {
  const at = bench()
  await start(at, { handle: () => undefined })
  for (const _id of ['A1', 'B2', 'C3']) at.source.insert({ _id })
  const done: unknown[] = []
  const { handle: stuck, letGo } = stuckAt('A1')
  const handle = async (change: Change) => {
    await stuck(change)
    if (idOf(change) === 'A1') throw new Error('broken')
    done.push(idOf(change))
  }
  const running = start(at, { handle, key, concurrency: 8 }, {}, { source: inBatches(at, 100, 100) }).catch(
    (error: unknown) => error,
  )
  await expect.poll(() => done.length).toBe(2)
  letGo()
  expect(await running).toMatchObject({ code: 'HANDLER_FAILED' })
  expect(await goneOn(at)).toEqual(['A1', 'B2', 'C3'].map((id) => ({ id, redelivered: 'unknown' })))
  at.source.insert({ _id: 'D4' })
  expect(await goneOn(at)).toEqual([{ id: 'D4', redelivered: false }])
})

test('an error that stops the stream does not wait for the attempts of other changes: they are given back, whatever is done behind them', async () => {
  const at = bench()
  await start(at, { handle: () => undefined })
  for (const _id of ['A1', 'B2', 'C3']) at.source.insert({ _id })
  const failed: unknown[] = []
  const { handle: stuck, letGo } = stuckAt('B2')
  const handle = async (change: Change) => {
    await stuck(change)
    if (idOf(change) === 'C3') return
    failed.push(idOf(change))
    throw new RangeError(idOf(change) === 'A1' ? 'not yet' : 'broken')
  }
  const running = start(
    at,
    {
      handle,
      key,
      concurrency: 8,
      retry: { attempts: 5, minDelayMs: 60_000, maxDelayMs: 60_000 },
      classify: (error) => ((error as Error).message === 'broken' ? 'poison' : 'transient'),
    },
    {},
    { source: inBatches(at, 100, 100) },
  )
  const ended = running.catch((error: unknown) => error)
  await expect.poll(() => failed).toEqual(['A1'])
  letGo()
  expect(await ended).toMatchObject({ code: 'HANDLER_FAILED' })
  expect(failed).toEqual(['A1', 'B2'])
  expect(await goneOn(at)).toEqual(['A1', 'B2', 'C3'].map((id) => ({ id, redelivered: 'unknown' })))
})

test.each([1, 5])(
  'an error that stops the stream does not wait for the server of another change either, at its last attempt (of %i) or before: it is given back',
  async (attempts) => {
    const at = bench()
    await start(at, { handle: () => undefined })
    for (const _id of ['A1', 'B2']) at.source.insert({ _id })
    let away = 0
    const { handle: stuck, letGo } = stuckAt('B2')
    const handle = async (change: Change) => {
      await stuck(change)
      if (idOf(change) === 'B2') throw new RangeError('broken')
      away += 1
      throw Object.assign(new Error('connection closed'), { name: 'MongoNetworkError' })
    }
    const retry = { attempts, minDelayMs: 60_000, maxDelayMs: 60_000 }
    const classify = (error: unknown) => (error instanceof RangeError ? 'poison' : 'transient')
    const running = start(at, { handle, key, concurrency: 8, retry, classify }, {}, { source: inBatches(at, 100, 100) })
    const ended = running.catch((error: unknown) => error)
    await expect.poll(() => away).toBe(1)
    letGo()
    expect(await ended).toMatchObject({ code: 'HANDLER_FAILED', details: { token: expect.any(String) } })
    expect(await goneOn(at)).toEqual(['A1', 'B2'].map((id) => ({ id, redelivered: 'unknown' })))
  },
)

test('a clean stop waits for a change’s server a moment longer than an election takes, not for a round of attempts each time', async () => {
  const at = bench()
  await start(at, { handle: () => undefined })
  for (const _id of ['A1', 'B2']) at.source.insert({ _id })
  let away = 0
  const done: unknown[] = []
  const handle = async (change: Change) => {
    if (idOf(change) === 'B2') return void done.push('B2')
    away += 1
    throw Object.assign(new Error('connection closed'), { name: 'MongoNetworkError' })
  }
  const clock = { ...at.clock, sleep: () => turn() }
  const retry = { attempts: 50, minDelayMs: 1, maxDelayMs: 1 }
  const running = start(at, { handle, key, concurrency: 8, retry }, {}, { source: inBatches(at, 100, 100), clock })
  await expect.poll(() => done).toEqual(['B2'])
  at.stop.abort(new Error('enough'))
  const before = away
  await expect(running).rejects.toMatchObject({ code: 'UNREACHABLE' })
  expect(away - before).toBeLessThan(20)
})

/** Does nothing until its signal tells it to give up, with what `fetch` and others reject with. */
const heeding = async (signal: AbortSignal) =>
  await new Promise<never>((_, reject) => {
    const giveUp = () => reject(new DOMException('This operation was aborted', 'AbortError'))
    if (signal.aborted) giveUp()
    else signal.addEventListener('abort', giveUp)
  })

test('a handler that gives up because its signal told it so has not failed, even at its last attempt: nothing is parked, and it comes again', async () => {
  for (const onError of ['park', 'stop'] as const) {
    const at = bench()
    await start(at, { handle: () => undefined })
    at.source.insert({ _id: 'A1' })
    let begun = 0
    const handle = async (_change: Change, { signal }: Context) => {
      begun += 1
      await heeding(signal)
    }
    const running = start(at, { handle, onError, key, concurrency: 8 }, {})
    await expect.poll(() => begun).toBe(1)
    at.stop.abort(new Error('enough'))
    expect(await running).toMatchObject({ reason: 'stopped', handled: 0, parked: 0 })
    expect(begun).toBe(1)
    expect((await goneOn(at)).map(({ id }) => id)).toEqual(['A1'])
  }
})

test('it gets one attempt more, with a signal that lasts, where something behind it is done', async () => {
  const at = bench()
  await start(at, { handle: () => undefined })
  for (const _id of ['A1', 'B2']) at.source.insert({ _id })
  const done: unknown[] = []
  let attempts = 0
  const handle = async (change: Change, { signal }: Context) => {
    if (idOf(change) === 'A1' && (attempts += 1) === 1) await heeding(signal)
    signal.throwIfAborted()
    done.push(idOf(change))
  }
  const running = start(at, { handle, onError: 'park', key, concurrency: 8 }, {}, { source: inBatches(at, 100, 100) })
  await expect.poll(() => done).toEqual(['B2'])
  at.stop.abort(new Error('enough'))
  expect(await running).toMatchObject({ reason: 'stopped', handled: 2, parked: 0 })
  expect(done).toEqual(['B2', 'A1'])
  expect(await goneOn(at)).toEqual([])
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
