import { expect, test } from 'vitest'
import { guardedInc } from '../../src/guards/index.js'
import { type Context, isStreamError, skip } from '../../src/index.js'
import type { Advance, CheckpointStore, Claim, CommitOutcome, ProcessMark } from '../../src/ports.js'
import { silentLog } from '../../src/silentLog.js'
import type { MemoryChangeSource } from '../../src/testing/index.js'
import { type Bench, bench, recorder, start, takeOver } from './bench.js'

test('every change is handed over in order with its token, and the checkpoint is the last settled one', async () => {
  const at = bench()
  await start(at, { handle: () => undefined })
  const first = at.source.insert({ _id: 'a' })
  const second = at.source.insert({ _id: 'b' })
  const { seen, ids, handle } = recorder()
  expect(await start(at, { handle })).toMatchObject({ handled: 2, reason: 'caught-up', position: { token: second.token } })
  expect(ids()).toEqual(['a', 'b'])
  const { stream, token, attempt, replay, redelivered, fence } = seen[0]!.context
  expect({ stream, token, attempt, replay, redelivered, fence }).toEqual({
    stream: 's',
    token: first.token,
    attempt: 1,
    replay: false,
    redelivered: false,
    fence: { stream: 's', epoch: 2, token: first.token },
  })
  expect(await at.state.store.load('s')).toMatchObject({ position: { token: second.token }, highest: second.token, owner: null })
})

test('max ends a run after that many settled changes; the next one goes on behind them', async () => {
  const at = bench()
  await start(at, { handle: () => undefined })
  for (const _id of ['a', 'b', 'c']) at.source.insert({ _id })
  const { ids, handle } = recorder()
  expect(await start(at, { handle }, { max: 2 })).toMatchObject({ handled: 2, reason: 'max' })
  expect(await start(at, { handle })).toMatchObject({ handled: 1 })
  expect(ids()).toEqual(['a', 'b', 'c'])
})

test('an abort while a change is in hand lets it finish and saves it; the next change is not begun', async () => {
  const at = bench()
  await start(at, { handle: () => undefined })
  const first = at.source.insert({ _id: 'a' })
  at.source.insert({ _id: 'b' })
  const done = start(at, { handle: async () => at.stop.abort(new Error('enough')) }, {})
  expect(await done).toMatchObject({ handled: 1, reason: 'stopped', position: { token: first.token } })
  expect(await at.state.store.load('s')).toMatchObject({ position: { token: first.token }, owner: null })
})

test('an abort between two attempts gives the change back unsettled instead of waiting for its back-off', async () => {
  const at = bench()
  await start(at, { handle: () => undefined })
  at.source.insert({ _id: 'a' })
  const handle = async () => {
    setImmediate(() => at.stop.abort(new Error('enough')))
    throw new Error('not yet')
  }
  expect(await start(at, { handle, retry: { attempts: 5, minDelayMs: 60_000, maxDelayMs: 60_000 } }, {})).toMatchObject({
    handled: 0,
    reason: 'stopped',
  })
})

test('a handler that fails is tried as often as the stream says, and then stops the run with its own error as the cause', async () => {
  const at = bench()
  await start(at, { handle: () => undefined })
  at.source.insert({ _id: 'a' })
  const tried: number[] = []
  const handle = async (_change: unknown, { attempt }: Context) => {
    tried.push(attempt)
    throw new RangeError('broken')
  }
  const failed = start(at, { handle, retry: { attempts: 3, minDelayMs: 0 } })
  await expect(failed).rejects.toMatchObject({
    code: 'HANDLER_FAILED',
    cause: new RangeError('broken'),
    details: { attempts: 3 },
  })
  expect(tried).toEqual([1, 2, 3])
  expect(await at.state.store.load('s')).toMatchObject({
    highest: null,
    owner: null,
    lastError: { code: 'HANDLER_FAILED', name: 'RangeError' },
  })
})

test('the message of a handler’s error is not repeated anywhere: it may hold personal data', async () => {
  const at = bench()
  await start(at, { handle: () => undefined })
  at.source.insert({ _id: 'a' })
  const error: unknown = await start(at, { handle: () => Promise.reject(new Error('ana@example.org')) }).catch(
    (reason: unknown) => reason,
  )
  expect(String(error)).not.toContain('ana@')
  expect(JSON.stringify(await at.state.store.load('s'))).not.toContain('ana@')
})

test('a skipped change is settled and counted as skipped', async () => {
  const at = bench()
  await start(at, { handle: () => undefined })
  at.source.insert({ _id: 'a' })
  expect(await start(at, { handle: () => skip('not ours') })).toMatchObject({ handled: 0, skipped: 1 })
  expect((await at.state.store.load('s'))?.highest).not.toBeNull()
})

test('a projection’s writes land with its checkpoint; one that fails leaves neither', async () => {
  const at = bench()
  await start(at, { project: () => [] })
  at.source.insert({ _id: 'a' })
  at.source.insert({ _id: 'b' })
  const project = (change: { documentKey?: { _id: unknown } }) => {
    if (change.documentKey?._id === 'b') throw new Error('b')
    return [{ target: 'things', insertOne: { document: { n: 1 } } }]
  }
  await expect(start(at, { project })).rejects.toMatchObject({ code: 'HANDLER_FAILED' })
  expect(at.state.applied).toHaveLength(1)
  expect(await start(at, { project: () => [{ target: 'things', insertOne: { document: { n: 2 } } }] })).toMatchObject({
    handled: 1,
  })
  expect(at.state.applied).toHaveLength(2)
})

test('a write that is none, that names no target or holds undefined stops the stream with the reason, and nothing is written', async () => {
  const wrong: readonly unknown[][] = [
    [{ target: 'nowhere', insertOne: { document: {} } }],
    [{ target: 'things', insertOne: { document: {} }, deleteOne: { filter: {} } }],
    [{ target: 'things', updateOne: { filter: { evento: undefined, estado: 'A' }, update: { $set: { estado: 'C' } } } }],
    [{ target: 'things', updateMany: { filter: {}, update: { $set: { n: 1 } } } }],
  ]
  for (const writes of wrong) {
    const at = bench()
    await start(at, { project: () => [] })
    at.source.insert({ _id: 'a' })
    const error: unknown = await start(at, { project: () => writes as never }).catch((reason: unknown) => reason)
    expect(isStreamError(error, 'HANDLER_FAILED') && isStreamError(error.cause, 'INVALID_STREAM')).toBe(true)
    expect(at.state.applied).toEqual([])
  }
})

test('what was handled before an operator moved the position back is a replay; streams with onReplay skip are not called for it', async () => {
  const at = bench()
  await start(at, { handle: () => undefined })
  const before = (await at.state.store.load('s'))!.position!
  at.source.insert({ _id: 'a' })
  await start(at, { handle: () => undefined })
  const { checkpoint } = await takeOver(at, 'operator')
  await at.state.store.commit(
    { name: 's', epoch: checkpoint.epoch, rev: checkpoint.rev },
    { position: before, settled: false, uuid: null },
  )
  await at.state.store.release({ name: 's', epoch: checkpoint.epoch, rev: 0 }, null, false)
  at.source.insert({ _id: 'b' })
  const mail = recorder()
  expect(await start(at, { handle: mail.handle, onReplay: 'skip' }, { max: 1 })).toMatchObject({ skipped: 1, handled: 0 })
  expect(await start(at, { handle: mail.handle, onReplay: 'skip' })).toMatchObject({ skipped: 0, handled: 1 })
  expect(mail.ids()).toEqual(['b'])
})

test('after a run that did not release, what may have been in its hands says so; what was written later does not', async () => {
  const at = bench()
  await start(at, { handle: () => undefined })
  await takeOver(at, 'killed')
  at.source.insert({ _id: 'a' })
  at.source.insert({ _id: 'b' })
  const { seen, handle } = recorder()
  const handleAndWrite: typeof handle = async (change, context) => {
    if (change.documentKey?._id === 'b') at.source.insert({ _id: 'c' })
    await handle(change, context)
  }
  await start(at, { handle: handleAndWrite }, { max: 3 })
  expect(seen.map(({ context }) => context.redelivered)).toEqual(['unknown', 'unknown', false])
})

test('a changed fingerprint is refused before anything is read, and accepted when told so', async () => {
  const at = bench()
  await start(at, { handle: () => undefined })
  await expect(start(at, { handle: () => undefined }, { until: 'caught-up' }, { fingerprint: 'g' })).rejects.toMatchObject({
    code: 'FINGERPRINT_CHANGED',
    exit: 6,
  })
  // Nobody runs it until somebody decides: it counts as halted.
  expect(await at.state.store.load('s')).toMatchObject({ fingerprint: 'f', lastError: { code: 'FINGERPRINT_CHANGED' } })
  await start(at, { handle: () => undefined }, { until: 'caught-up' }, { fingerprint: 'g', acceptDrift: true })
  expect(await at.state.store.load('s')).toMatchObject({ fingerprint: 'g', lastError: null })
})

test('an invalidated stream stops with INVALIDATED, or goes on behind it when the stream says reopen', async () => {
  const at = bench()
  await start(at, { handle: () => undefined })
  at.source.invalidate()
  at.source.insert({ _id: 'a' })
  const { ids, handle } = recorder()
  await expect(start(at, { handle })).rejects.toMatchObject({ code: 'INVALIDATED', exit: 6 })
  await start(at, { handle, onInvalidate: 'reopen' })
  expect(ids()).toEqual(['a'])
})

test('a quiet stream saves the position it has reached every 10 s, so that the oplog does not forget it', async () => {
  const at = bench()
  await start(at, { handle: () => undefined })
  const before = (await at.state.store.load('s'))!.rev
  let now = 0
  const saved = new Promise<void>((resolve) => {
    const commit = at.state.store.commit
    at.state.store.commit = async (claim: Claim, to: Advance) => {
      const outcome = await commit(claim, to)
      resolve()
      return outcome
    }
  })
  const running = start(at, { handle: () => undefined }, {}, { clock: { ...at.clock, now: () => (now += 11_000) } })
  await saved
  at.stop.abort(new Error('enough'))
  await running
  expect((await at.state.store.load('s'))!.rev).toBeGreaterThan(before)
})

test('a commit whose answer was lost but that landed is recognised: the change is not handed over again', async () => {
  const at = bench()
  await start(at, { handle: () => undefined })
  at.source.insert({ _id: 'a' })
  const { store } = at.state
  let lost = false
  const flaky: CheckpointStore = {
    ...store,
    async commitWith(claim, to, effects, mayGiveUp) {
      const outcome = await store.commitWith(claim, to, effects, mayGiveUp)
      if (lost) return outcome
      lost = true
      throw Object.assign(new Error('connection closed'), { name: 'MongoNetworkError' })
    },
  }
  const project = () => [{ target: 'things', insertOne: { document: { n: 1 } } }]
  const ended = start(
    at,
    { project },
    { until: 'caught-up' },
    { store: flaky, clock: { ...at.clock, sleep: async () => undefined } },
  )
  expect(await ended).toMatchObject({ reason: 'caught-up' })
  expect(lost).toBe(true)
  expect(at.state.applied).toHaveLength(1)
})

/** No time passes, but everything else gets its turn. */
const turn = () => new Promise<void>((resolve) => setImmediate(resolve))
const closed = () => Object.assign(new Error('connection closed'), { name: 'MongoNetworkError' })

test('rule 12: a transaction whose commit stayed unknown is made certain before anything is read again: coming late, it matches nothing', async () => {
  const at = bench()
  await start(at, { handle: () => undefined })
  at.source.insert({ _id: 'a' })
  const { store } = at.state
  let late: (() => Promise<CommitOutcome | { readonly kind: 'contended' }>) | undefined
  const flaky: CheckpointStore = {
    ...store,
    async commitWith(...args) {
      if (late !== undefined) {
        expect(await late()).toMatchObject({ kind: 'moved' })
        return await store.commitWith(...args)
      }
      late = () => store.commitWith(...args)
      throw closed()
    },
  }
  const project = () => [{ target: 'things', insertOne: { document: { n: 1 } } }]
  const clock = { ...at.clock, sleep: turn }
  expect(await start(at, { project }, { until: 'caught-up' }, { store: flaky, clock })).toMatchObject({ handled: 1 })
  expect(at.state.applied).toHaveLength(1)
})

test('rule 11: a heartbeat that was saved late is not taken for somebody else’s move', async () => {
  const at = bench()
  await start(at, { handle: () => undefined })
  const { store } = at.state
  let late: (() => Promise<CommitOutcome>) | undefined
  const flaky: CheckpointStore = {
    ...store,
    async commit(claim, advance) {
      if (late === undefined) {
        late = () => store.commit(claim, advance)
        at.source.insert({ _id: 'a' })
        throw closed()
      }
      await late()
      return await store.commit(claim, advance)
    },
  }
  let now = 0
  const clock = { ...at.clock, now: () => (now += 11_000), sleep: turn }
  expect(await start(at, { handle: () => undefined }, { max: 1 }, { store: flaky, clock, ttlMs: 1e9 })).toMatchObject({
    handled: 1,
  })
  expect(late).toBeDefined()
})

test('rule 12: who cannot find out what became of its transaction keeps its lease: its open transaction must be found by the next owner', async () => {
  const at = bench()
  await start(at, { handle: () => undefined })
  at.source.insert({ _id: 'a' })
  const gone = () => Promise.reject(closed())
  const store: CheckpointStore = { ...at.state.store, commitWith: gone, settleUnknown: gone }
  const clock = { ...at.clock, sleep: () => turn().then(() => at.stop.abort(new Error('enough'))) }
  const project = () => [{ target: 'things', insertOne: { document: { n: 1 } } }]
  await expect(start(at, { project }, {}, { store, clock })).rejects.toMatchObject({ code: 'UNREACHABLE' })
  expect(await at.state.leases.load('s')).toMatchObject({ owner: 'me' })
})

test('rule 12: a refusal while the run cannot find out what became of its transaction is no fault of a change: none of its writes is tried again', async () => {
  const at = bench()
  await start(at, { handle: () => undefined })
  for (const _id of ['a', 'b', 'c']) at.source.insert({ _id })
  let commits = 0
  // As often as a run that was asked to stop asks.
  let late = 8
  const store: CheckpointStore = {
    ...at.state.store,
    async commitWith(...args) {
      commits += 1
      await at.state.store.commitWith(...args)
      throw closed()
    },
    async settleUnknown(...args) {
      if ((late -= 1) < 0) return await at.state.store.settleUnknown(...args)
      throw Object.assign(new Error('operation exceeded time limit'), { code: 50 })
    },
  }
  const clock = { ...at.clock, sleep: () => turn().then(() => at.stop.abort(new Error('enough'))) }
  const project = () => [{ target: 'things', insertOne: { document: { n: 1 } } }]
  await expect(start(at, { project, onError: 'park' }, {}, { store, clock })).rejects.toMatchObject({ code: 'INTERNAL' })
  expect(commits).toBe(1)
  expect(await at.state.letters.held('s')).toMatchObject({ parked: 0 })
})

test('a checkpoint that another owner took over stops the run with FENCED and saves nothing more', async () => {
  const at = bench()
  await start(at, { handle: () => undefined })
  at.source.insert({ _id: 'a' })
  const handle = async () => void (await takeOver(at, 'other'))
  await expect(start(at, { handle })).rejects.toMatchObject({ code: 'FENCED', exit: 5 })
  expect(await at.state.store.load('s')).toMatchObject({ owner: 'other', highest: null, lastError: null })
})

test('rule 15: after two conflicts in a row guarded writes are done outside a transaction for 10 s, then a transaction is tried again', async () => {
  const at = bench()
  await start(at, { project: () => [] })
  at.source.insert({ _id: 'a' })
  const ways: string[] = []
  const { store, targets } = at.state
  const contended: CheckpointStore = {
    ...store,
    async commitWith() {
      ways.push('transaction')
      return { kind: 'contended' }
    },
  }
  const apply: typeof targets.apply = async (writes, session) => {
    ways.push('guarded')
    const written = await targets.apply(writes, session)
    if (ways.length === 2) at.source.insert({ _id: 'b' })
    if (ways.length === 3) {
      now += 11_000
      at.source.insert({ _id: 'c' })
    }
    return written
  }
  let now = 0
  const project = (_change: unknown, context: Context) => [
    guardedInc(context, { target: 'things', filter: { _id: 1 }, inc: { n: 1 } }),
  ]
  await start(
    at,
    { project },
    { max: 3 },
    { store: contended, targets: { ...targets, apply }, clock: { ...at.clock, now: () => now }, ttlMs: 1e9 },
  )
  expect(ways).toEqual(['transaction', 'guarded', 'guarded', 'transaction', 'guarded'])
})

const held = (at: Bench, ttlMs = 10_000, process: ProcessMark | null = null) =>
  at.state.leases.acquire({ name: 's', owner: 'other', process, ttlMs, over: null })

test('a stream that another worker holds is refused with LEASE_HELD before anything is read', async () => {
  const at = bench()
  await held(at)
  await expect(start(at, { handle: () => undefined })).rejects.toMatchObject({
    code: 'LEASE_HELD',
    exit: 5,
    details: { owner: 'other' },
  })
})

test('a standby waits for the lease, and takes over once it has expired or was released', async () => {
  for (const free of [(at: Bench) => at.clock.advance(10_000), (at: Bench) => void at.state.leases.release('s', 1)]) {
    const at = bench()
    await held(at)
    let slept = 0
    const looks = async () => {
      slept += 1
      if (slept === 3) free(at)
    }
    const sleep = (ms: number, signal: AbortSignal) => (ms < 3000 ? looks() : at.clock.sleep(ms, signal))
    const running = start(at, { handle: () => undefined }, { max: 1 }, { standby: true, clock: { ...at.clock, sleep } })
    await expect.poll(async () => (await at.state.store.load('s'))?.epoch).toBe(2)
    at.source.insert({ _id: 'a' })
    expect(await running).toMatchObject({ handled: 1 })
    expect(slept).toBeGreaterThanOrEqual(3)
  }
})

test('the lease of a process that is known to be gone is taken at once; of one that may live, only when told to', async () => {
  const process = { place: 'here', pid: 1, startedAt: '1' }
  const at = bench()
  await held(at, 10_000, process)
  await expect(start(at, { handle: () => undefined })).rejects.toMatchObject({ code: 'LEASE_HELD' })
  expect(await start(at, { handle: () => undefined }, { until: 'caught-up' }, { isGone: () => true })).toMatchObject({
    reason: 'caught-up',
  })
  await held(at)
  expect(await start(at, { handle: () => undefined }, { until: 'caught-up' }, { takeOver: true })).toMatchObject({
    reason: 'caught-up',
  })
})

test('a worker that wakes up after its lease hands nothing out: it is fenced', async () => {
  const at = bench()
  await start(at, { handle: () => undefined })
  const { ids, handle } = recorder()
  const running = start(at, { handle }, {})
  running.catch(() => undefined)
  await expect.poll(async () => (await at.state.store.load('s'))?.owner).toBe('me')
  // Frozen: its timers do not fire, but the server's time goes by and another worker takes over.
  await takeOver(at, 'other')
  at.clock.advance(60_000)
  at.source.insert({ _id: 'a' })
  await expect(running).rejects.toMatchObject({ code: 'FENCED', exit: 5 })
  expect(ids()).toEqual([])
})

test('a lease is released at the end of a run, however it ended', async () => {
  const at = bench()
  await start(at, { handle: () => undefined })
  expect(await at.state.leases.load('s')).toMatchObject({ owner: null, remainingMs: null })
  at.source.insert({ _id: 'a' })
  await expect(start(at, { handle: () => Promise.reject(new Error('broken')) })).rejects.toMatchObject({ code: 'HANDLER_FAILED' })
  expect(await at.state.leases.load('s')).toMatchObject({ owner: null, remainingMs: null, epoch: 2 })
})

const lost = () => Object.assign(new Error('not in the oplog'), { code: 286 })

/** A source whose opening fails as long as its position is the one that was forgotten. */
function forgetful({ source }: Bench, forgotten: string): MemoryChangeSource & { readonly opens: () => number } {
  let opens = 0
  const open: MemoryChangeSource['open'] = async (from) => {
    opens += 1
    if (from.token === forgotten) throw lost()
    return await source.open(from)
  }
  return { ...source, open, opens: () => opens }
}

test('history lost ends a run after one try, with its interval kept; a standby goes on by itself once the position was moved', async () => {
  const at = bench()
  const { position } = await start(at, { handle: () => undefined })
  const source = forgetful(at, position!.token)
  await expect(start(at, { handle: () => undefined }, {}, { source })).rejects.toMatchObject({ code: 'HISTORY_LOST', exit: 6 })
  expect(source.opens()).toBe(1)
  expect((await at.state.store.load('s'))!.gaps).toMatchObject([{ from: position!.clusterTime, to: null }])

  const { ids, handle } = recorder()
  const running = start(at, { handle }, { max: 1 }, { source, standby: true })
  await expect.poll(async () => (await at.state.store.load('s'))!.lastError?.code).toBe('HISTORY_LOST')
  for (let looks = 0; looks < 3; looks += 1) {
    at.clock.advance(2000)
    await new Promise((resolve) => setImmediate(resolve))
  }
  expect(source.opens()).toBe(2)

  const moved = at.source.insert({ _id: 'a' })
  const { checkpoint } = await takeOver(at, 'operator')
  const claim = { name: 's', epoch: checkpoint.epoch, rev: checkpoint.rev }
  await at.state.store.commit(claim, { position: moved, settled: false, uuid: null })
  await at.state.store.release(claim, null, false)
  at.source.insert({ _id: 'b' })
  at.clock.advance(2000)
  expect(await running).toMatchObject({ handled: 1 })
  expect(ids()).toEqual(['b'])
})

test('a standby that was fenced waits for the lease again, without taking it over a second time', async () => {
  const at = bench()
  await start(at, { handle: () => undefined })
  const { ids, handle } = recorder()
  const running = start(at, { handle }, { max: 1 }, { standby: true, takeOver: true })
  await expect.poll(async () => (await at.state.store.load('s'))?.owner).toBe('me')
  const { epoch } = (await at.state.leases.load('s'))!
  const other = await at.state.leases.acquire({ name: 's', owner: 'other', process: null, ttlMs: 60_000, over: epoch })
  expect(other.kind).toBe('acquired')
  for (let time = 0; time < 20; time += 1) {
    at.clock.advance(1000)
    await new Promise((resolve) => setImmediate(resolve))
  }
  expect(await at.state.leases.load('s')).toMatchObject({ owner: 'other', epoch: epoch + 1 })
  await at.state.leases.release('s', epoch + 1)
  at.source.insert({ _id: 'a' })
  const advancing = setInterval(() => at.clock.advance(1000), 5)
  expect(await running).toMatchObject({ handled: 1 })
  clearInterval(advancing)
  expect(ids()).toEqual(['a'])
})

test('a standby ends all the same when its handler fails for good', async () => {
  const at = bench()
  await start(at, { handle: () => undefined })
  at.source.insert({ _id: 'a' })
  const failing = start(at, { handle: () => Promise.reject(new Error('broken')) }, {}, { standby: true })
  await expect(failing).rejects.toMatchObject({ code: 'HANDLER_FAILED' })
})

test('a warning is logged once a minute while less than the share of the oplog is left ahead of the position', async () => {
  const at = bench()
  const { position } = await start(at, { handle: () => undefined })
  const { t } = position!.clusterTime
  const oplog = { first: { t: t - 10, i: 1 }, last: { t: t + 90, i: 1 }, usedBytes: 1, maxBytes: 1 }
  const warned = async (headroomWarning: number): Promise<number> => {
    const lines: unknown[] = []
    const log = { ...silentLog, warn: (facts: unknown) => void lines.push(facts) }
    const source = { ...at.source, oplog: async () => oplog }
    const stop = new AbortController()
    const running = start(at, { handle: () => undefined }, {}, { source, log, headroomWarning, signal: stop.signal })
    await expect.poll(async () => (await at.state.store.load('s'))?.owner).toBe('me')
    for (let seconds = 0; seconds < 90; seconds += 1) {
      at.clock.advance(1000)
      await new Promise((resolve) => setImmediate(resolve))
    }
    stop.abort(new Error('enough'))
    await running
    return lines.length
  }
  expect(await warned(0.25)).toBe(2)
  expect(await warned(0.05)).toBe(0)
  expect(await warned(0)).toBe(0)
})

test('a start goes through a silence of the server: an acquired lease that it did not hear of is its own, a fence and a look at the dead letters are repeated', async () => {
  const at = bench()
  await start(at, { handle: () => undefined })
  at.source.insert({ _id: 'a' })
  const silent = () => Object.assign(new Error('no answer'), { name: 'SilentServerError' })
  const { leases, store, letters } = at.state
  let silences = 0
  /** Does the first one, and says nothing of it. */
  function unheard<A extends unknown[], T>(work: (...args: A) => Promise<T>) {
    let calls = 0
    return async (...args: A): Promise<T> => {
      const result = await work(...args)
      calls += 1
      if (calls > 1) return result
      silences += 1
      throw silent()
    }
  }
  const quietly = {
    leases: { ...leases, acquire: unheard(leases.acquire) },
    store: { ...store, fence: unheard(store.fence) },
    letters: { ...letters, ensure: unheard(letters.ensure), held: unheard(letters.held) },
  }
  expect(await start(at, { handle: () => undefined, onError: 'park' }, { max: 1 }, quietly)).toMatchObject({ handled: 1 })
  expect(silences).toBe(4)

  const dumb = { ...leases, acquire: () => Promise.reject(silent()) }
  await expect(start(at, { handle: () => undefined }, {}, { leases: dumb })).rejects.toMatchObject({ code: 'UNREACHABLE' })
})

test('a fault of the library’s own in a save ends the run: repeated for ever, it would stand still in silence', async () => {
  const at = bench()
  await start(at, { handle: () => undefined })
  at.source.insert({ _id: 'a' })
  const commit = async () => {
    throw new TypeError('a bug')
  }
  await expect(start(at, { handle: () => undefined }, {}, { store: { ...at.state.store, commit } })).rejects.toMatchObject({
    cause: { message: 'a bug' },
  })
})
