import { setImmediate as turn } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { FailedWrite } from '../../src/failedWrite.js'
import type { Change, Context } from '../../src/index.js'
import { insertOnce, unguarded } from '../../src/guards/index.js'
import type { ChangeSource, CheckpointStore, TargetStore } from '../../src/ports.js'
import { type Bench, bench, inBatches, start, takeOver } from './bench.js'

const idOf = (change: Change) => change.documentKey?._id as number
const insert = (id: number) => ({ target: 'things', insertOne: { document: { _id: id } } })
const project = (change: Change) => [insert(idOf(change))]
const written = ({ state }: Bench) =>
  state.applied.map((write) => ('insertOne' in write ? (write.insertOne.document['_id'] as number) : -1))
const upTo = (count: number) => Array.from({ length: count }, (_, id) => id)

async function backlog(changes: number): Promise<Bench & { readonly tokens: string[] }> {
  const at = bench()
  await start(at, { project: () => [] })
  return { ...at, tokens: upTo(changes).map((_id) => at.source.insert({ _id }).token) }
}

/** Keeps how many writes each transaction asked for; those that `isContended` gives up. */
function measured({ state }: Bench, isContended: (writes: number, nth: number) => boolean = () => false) {
  const sizes: number[] = []
  const gaveUp: number[] = []
  let asked = 0
  const targets: TargetStore = {
    ...state.targets,
    async apply(writes, session) {
      asked = writes.length
      return await state.targets.apply(writes, session)
    },
  }
  const contended = new Error('contended')
  const store: CheckpointStore = {
    ...state.store,
    async commitWith(claim, advance, effects, mayGiveUp) {
      try {
        const outcome = await state.store.commitWith(
          claim,
          advance,
          async (session) => {
            await effects(session)
            if (mayGiveUp && isContended(asked, sizes.length + gaveUp.length)) throw contended
          },
          mayGiveUp,
        )
        sizes.push(asked)
        return outcome
      } catch (error) {
        if (error !== contended) throw error
        gaveUp.push(asked)
        return { kind: 'contended' }
      }
    },
  }
  return { sizes, gaveUp, worker: { store, targets } }
}

test('rule 15: a lone change is committed without any time passing; what comes meanwhile is gathered, up to 1,000 at once', async () => {
  const at = await backlog(0)
  const { sizes, worker } = measured(at)
  let letGo!: () => void
  const first = new Promise<void>((resolve) => (letGo = resolve))
  const commitWith: CheckpointStore['commitWith'] = async (...args) => {
    const outcome = await worker.store.commitWith(...args)
    if (sizes.length === 1) await first
    return outcome
  }
  const running = start(
    at,
    { project },
    {},
    { ...worker, store: { ...worker.store, commitWith }, source: inBatches(at, 500, 100) },
  )
  await expect.poll(async () => (await at.state.store.load('s'))?.owner).toBe('me')
  // No clock is advanced here.
  at.source.insert({ _id: 0 })
  await expect.poll(() => sizes).toEqual([1])
  for (let id = 1; id < 2500; id += 1) at.source.insert({ _id: id })
  for (let turns = 0; turns < 50; turns += 1) await turn()
  expect(sizes).toEqual([1])
  letGo()
  await expect.poll(() => written(at).length).toBe(2500)
  expect(sizes).toEqual([1, 1000, 1000, 499])
  at.stop.abort(new Error('enough'))
  await running
  expect(written(at)).toEqual(upTo(2500))
})

test('rule 15: a batch ends with 8 MB of changes, and reading waits while two of them wait for a third', async () => {
  const at = await backlog(100)
  const { sizes, worker } = measured(at)
  const source = inBatches(at, 1, 1024 * 1024)
  let most = 0
  const apply: TargetStore['apply'] = async (writes, session) => {
    for (let turns = 0; turns < 100; turns += 1) await turn()
    most = Math.max(most, source.read() - written(at).length)
    return await worker.targets.apply(writes, session)
  }
  await start(at, { project }, { until: 'caught-up' }, { ...worker, targets: { ...worker.targets, apply }, source })
  expect(Math.max(...sizes)).toBe(8)
  expect(most).toBeLessThanOrEqual(4 * 8)
  expect(written(at)).toEqual(upTo(100))
})

test('rule 15: a contended batch without guards halves until it gets through, down to one, and grows again when it does', async () => {
  const at = await backlog(3000)
  // Only one at a time gets through at first; from the 40th transaction on everything does.
  const { sizes, gaveUp, worker } = measured(at, (writes, nth) => nth < 40 && writes > 1)
  const source = inBatches(at, 1000, 100)
  expect(await start(at, { project }, { until: 'caught-up' }, { ...worker, source })).toMatchObject({ handled: 3000 })
  expect(gaveUp.slice(0, 9)).toEqual([1000, 500, 250, 125, 62, 31, 15, 7, 3])
  expect(sizes[0]).toBe(1)
  expect(sizes.slice(-2)[0]).toBeGreaterThan(sizes[0]!)
  expect(Math.max(...sizes)).toBeGreaterThanOrEqual(512)
  expect(written(at)).toEqual(upTo(3000))
})

test('rule 17: every poisoned change of a batch is found by itself, however many there are, and what stands between them is done once', async () => {
  const at = await backlog(200)
  const poison = new Set([0, 7, 8, 199])
  const refusing: TargetStore['apply'] = async (writes, session) => {
    const index = writes.findIndex((write) => 'insertOne' in write && poison.has(write.insertOne.document['_id'] as number))
    if (index !== -1) throw new FailedWrite(index, Object.assign(new Error('refused'), { code: 121 }))
    return await at.state.targets.apply(writes, session)
  }
  const worker = { targets: { ...at.state.targets, apply: refusing }, source: inBatches(at, 200, 100) }
  for (const bad of [0, 7, 8, 199]) {
    const failing = start({ ...at, stop: new AbortController() }, { project }, { until: 'caught-up' }, worker)
    await expect(failing).rejects.toMatchObject({ code: 'HANDLER_FAILED', details: { token: at.tokens[bad] } })
    expect(written(at)).toEqual(upTo(bad))
    // Also with everything read to the end: a position behind the change would lose it.
    expect((await at.state.store.load('s'))!.highest).toBe(bad === 0 ? null : at.tokens[bad - 1])
    expect((await at.state.store.load('s'))!.position!.token < at.tokens[bad]!).toBe(true)
    poison.delete(bad)
  }
  await start({ ...at, stop: new AbortController() }, { project }, { until: 'caught-up' }, worker)
  expect(written(at)).toEqual(upTo(200))
})

/** As the driver throws it before it sends anything: it does not say which of the writes is meant. */
const tooLarge = () =>
  Object.assign(new Error('Document is larger than the maximum size 16777216'), { name: 'MongoInvalidArgumentError' })

test.each([
  { onError: 'park', retry: { attempts: 1 }, tries: 1 },
  { onError: 'park', retry: { attempts: 5, minDelayMs: 1 }, classify: () => 'poison', tries: 1 },
  { onError: 'park', retry: { attempts: 3, minDelayMs: 1, maxDelayMs: 1 }, tries: 3 },
  { onError: 'stop', retry: { attempts: 3, minDelayMs: 1, maxDelayMs: 1 }, tries: 3 },
] as const)(
  'rule 17: an error that names no write uses up attempts of the one change that fails by itself, and of no other in its batch ($onError, $tries)',
  async ({ tries, ...options }) => {
    for (const bad of [0, 2, 9]) {
      const at = await backlog(10)
      const apply: TargetStore['apply'] = async (writes, session) => {
        if (writes.some((write) => 'insertOne' in write && write.insertOne.document['_id'] === bad)) throw tooLarge()
        return await at.state.targets.apply(writes, session)
      }
      const attempts: number[] = []
      const projecting = (change: Change, { attempt }: Context) => {
        if (attempt > 1 || idOf(change) === bad) attempts.push(idOf(change))
        return project(change)
      }
      const worker = { targets: { ...at.state.targets, apply }, source: inBatches(at, 10, 100) }
      const ended = await start(at, { project: projecting, ...options }, { until: 'caught-up' }, worker).catch(
        (error: unknown) => error,
      )
      expect(attempts).toEqual(upTo(tries).map(() => bad))
      if (options.onError === 'park') {
        expect(ended).toMatchObject({ handled: 9, parked: 1, held: 0 })
        expect([...at.state.parked.values()]).toMatchObject([{ documentId: bad, state: 'parked' }])
        expect(written(at)).toEqual(upTo(10).filter((id) => id !== bad))
      } else {
        expect(ended).toMatchObject({ code: 'HANDLER_FAILED', details: { token: at.tokens[bad], attempts: tries } })
        expect(written(at)).toEqual(upTo(bad))
      }
    }
  },
)

test('rule 17: a duplicate key of insertOnce is a race the first time: tried once more, and then the stream goes on', async () => {
  const at = await backlog(50)
  let races = 0
  const racing: TargetStore['apply'] = async (writes, session) => {
    if (writes.length > 1 && races === 0) {
      races += 1
      throw new FailedWrite(20, Object.assign(new Error('duplicate'), { code: 11000 }))
    }
    return await at.state.targets.apply(writes, session)
  }
  const once = (change: Change) => [insertOnce({ target: 'things', document: { _id: idOf(change) } })]
  const worker = { targets: { ...at.state.targets, apply: racing }, source: inBatches(at, 50, 100) }
  expect(await start(at, { project: once }, { until: 'caught-up' }, worker)).toMatchObject({ handled: 50 })
  expect(races).toBe(1)
  expect(at.state.applied).toHaveLength(50)
})

test('a projection that throws is tried again as often as the stream says, after what stands before it was committed and before anything behind it', async () => {
  const at = await backlog(10)
  const attempts: string[] = []
  const failing = (change: Change, { attempt }: Context) => {
    if (idOf(change) === 5) attempts.push(`${attempt} behind ${written(at).length}`)
    if (idOf(change) === 5 && attempt < 3) throw new Error('not yet')
    return [insert(idOf(change))]
  }
  const source = inBatches(at, 10, 100)
  const retry = { attempts: 3, minDelayMs: 1, maxDelayMs: 1 }
  expect(await start(at, { project: failing, retry }, { until: 'caught-up' }, { source })).toMatchObject({ handled: 10 })
  expect(attempts[0]).toBe('1 behind 0')
  expect(attempts.slice(1)).toEqual(['2 behind 5', '3 behind 5'])
  expect(written(at)).toEqual(upTo(10))
})

test('a stop in the midst of gathering loses nothing and doubles nothing: what was only gathered is read again', async () => {
  for (let stopAt = 0; stopAt < 60; stopAt += 7) {
    const at = await backlog(60)
    let seen = 0
    const stopping = (change: Change) => {
      if (seen === stopAt) at.stop.abort(new Error('enough'))
      seen += 1
      return project(change)
    }
    const source = inBatches(at, 13, 100)
    expect(await start(at, { project: stopping }, {}, { source })).toMatchObject({ reason: 'stopped' })
    expect(written(at)).toEqual(upTo(written(at).length))
    const saved = (await at.state.store.load('s'))!.position!.token
    if (written(at).length > 0) expect(saved).toBe(at.tokens[written(at).length - 1])
    await start({ ...at, stop: new AbortController() }, { project }, { until: 'caught-up' }, { source })
    expect(written(at)).toEqual(upTo(60))
  }
})

const closed = () => Object.assign(new Error('connection closed'), { name: 'MongoNetworkError' })

test('rule 12: answers that are lost in the midst of batches, landed or not, and readings that fail, do each change once and in order', async () => {
  for (const landed of [true, false]) {
    const at = await backlog(500)
    let commits = 0
    const store: CheckpointStore = {
      ...at.state.store,
      async commitWith(...args) {
        commits += 1
        const isLost = commits % 3 === 1
        if (isLost && !landed) throw closed()
        const outcome = await at.state.store.commitWith(...args)
        if (isLost) throw closed()
        return outcome
      },
    }
    const inner = inBatches(at, 17, 100)
    let reads = 0
    const source: ChangeSource = {
      ...inner,
      async open(from) {
        const reader = await inner.open(from)
        const next: typeof reader.next = async (signal) => {
          reads += 1
          if (reads % 5 === 0) throw closed()
          return await reader.next(signal)
        }
        return {
          next,
          reached: null,
          get [Symbol.asyncDispose]() {
            return reader[Symbol.asyncDispose].bind(reader)
          },
        }
      },
    }
    const clock = { ...at.clock, sleep: (ms: number, signal: AbortSignal) => (ms < 3000 ? turn() : at.clock.sleep(ms, signal)) }
    expect(await start(at, { project }, { max: 500 }, { store, source, clock })).toMatchObject({ handled: 500 })
    expect(written(at)).toEqual(upTo(500))
    expect(commits).toBeGreaterThan(3)
  }
})

test('a projection whose run is asked to stop while the server refuses a change is no clean stop', async () => {
  const at = await backlog(5)
  const apply: TargetStore['apply'] = async () => {
    at.stop.abort(new Error('enough'))
    await turn()
    throw new FailedWrite(0, Object.assign(new Error('refused'), { code: 121 }))
  }
  await expect(start(at, { project }, {}, { targets: { ...at.state.targets, apply } })).rejects.toMatchObject({
    code: 'HANDLER_FAILED',
  })
})

test('a bulk write that an outage broke off is not repeated by a worker whose lease ran out meanwhile: its successor has written since', async () => {
  const at = await backlog(1)
  let tries = 0
  const targets: TargetStore = {
    ...at.state.targets,
    async apply(writes, session) {
      tries += 1
      if (tries > 1) return await at.state.targets.apply(writes, session)
      // Cut off for a minute, in which another worker takes over.
      await takeOver(at, 'other')
      at.clock.advance(60_000)
      throw Object.assign(new Error('connection closed'), { name: 'MongoNetworkError' })
    },
  }
  const update = (change: Change) => [
    unguarded({ target: 'things', replaceOne: { filter: { _id: idOf(change) }, replacement: {} } }),
  ]
  const running = start(at, { project: update, delivery: 'bulk' }, {}, { targets })
  await expect(running).rejects.toMatchObject({ code: 'FENCED' })
  expect(tries).toBe(1)
})
