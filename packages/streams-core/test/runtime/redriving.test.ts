import { setTimeout as delay } from 'node:timers/promises'
import { expect, test } from 'vitest'
import type { Change } from '../../src/index.js'
import type { DeadLetterStore } from '../../src/ports.js'
import { type Bench, bench, start } from './bench.js'

const poison = () => new Error('poison')
const numbered = (code: number) => Object.assign(new Error('refused'), { code })
const quick = {
  async sleep(_ms: number, signal: AbortSignal) {
    signal.throwIfAborted()
    await delay(1)
    signal.throwIfAborted()
  },
}

/** A stream whose change `a` lies in the dead letters. */
async function parked(): Promise<Bench> {
  const at = bench()
  const options = { handle: () => Promise.reject(poison()), onError: 'park' as const }
  await start(at, options)
  at.source.insert({ _id: 'a' })
  expect(await start(at, options)).toMatchObject({ parked: 1 })
  return at
}

const mark = ({ state }: Bench) => {
  for (const { key } of state.parked.values()) state.marked.add(key)
}
const idOf = (change: Change) => (change as { documentKey?: { _id: unknown } }).documentKey?._id

/** Its looks at the dead letters fail with these, one after the other; the first one is that of the start. */
function failing({ held, ...letters }: DeadLetterStore, errors: readonly (Error | null)[]) {
  let looks = 0
  const store: DeadLetterStore = {
    ...letters,
    async held(stream) {
      const error = errors[looks]
      looks += 1
      if (error) throw error
      return await held(stream)
    },
  }
  return { letters: store, looks: () => looks }
}

test('a refusal that may pass, when the dead letters are looked at, ends no worker: what is marked is put back later', async () => {
  const at = await parked()
  const clock = { ...at.clock, ...quick }
  // ReadConcernMajorityNotAvailableYet: a node that has just started.
  const { letters, looks } = failing(at.state.letters, [null, numbered(134), numbered(134)])
  const run = start(at, { handle: () => undefined, onError: 'park' }, {}, { clock, letters })
  run.catch(() => undefined)
  await expect.poll(looks).toBeGreaterThan(3)
  mark(at)
  await expect.poll(() => at.state.parked.size).toBe(0)
  at.stop.abort(new Error('enough'))
  expect(await run).toMatchObject({ reason: 'stopped', redriven: 1 })
})

test.each([
  ['that no waiting mends', [numbered(13)], { code: 'UNAUTHORISED' }],
  ['of the library’s own', [new TypeError('a bug')], { cause: { message: 'a bug' } }],
  ['in the server’s code, again and again', Array.from({ length: 4 }, () => numbered(40_999)), { cause: { code: 40_999 } }],
])('a fault %s, when the dead letters are looked at, ends the run', async (_what, errors, expected) => {
  const at = await parked()
  const clock = { ...at.clock, ...quick }
  const { letters, looks } = failing(at.state.letters, [null, ...errors])
  await expect(start(at, { handle: () => undefined, onError: 'park' }, {}, { clock, letters })).rejects.toMatchObject(expected)
  expect(looks()).toBe(errors.length + 1)
})

test('a live change that fails for good ends the run, also while one that is put back waits for its server: that one stays in the dead letters, marked', async () => {
  const at = await parked()
  mark(at)
  const clock = { ...at.clock, ...quick }
  let tries = 0
  const handle = async (change: Change) => {
    if (idOf(change) !== 'a') throw Object.assign(new Error('no config'), { name: 'Fatal' })
    tries += 1
    throw Object.assign(new Error('away'), { name: 'MongoServerSelectionError' })
  }
  const options = { handle, onError: 'park', concurrency: 2, classify: { Fatal: 'fatal' } } as const
  const run = start(at, options, {}, { clock })
  run.catch(() => undefined)
  await expect.poll(() => tries).toBeGreaterThan(0)
  at.source.insert({ _id: 'b' })
  await expect(run).rejects.toMatchObject({ code: 'HANDLER_FAILED', cause: { name: 'Fatal' } })
  expect([at.state.parked.size, at.state.marked.size]).toEqual([1, 1])
  // Nobody is still at it.
  const before = tries
  await delay(50)
  expect(tries).toBe(before)
})
