import { expect, test } from 'vitest'
import type { Checkpoint, CheckpointStore, Claim } from '../../src/ports.js'
import { silentLog } from '../../src/silentLog.js'
import { type Bench, bench, recorder, start } from './bench.js'

const hold = { standby: false, hold: true }

/** The document of `s`, which an operator or another worker writes too. */
const write = ({ state }: Bench, fields: Partial<Checkpoint>) =>
  void (state.saved as Map<string, Checkpoint>).set('s', { ...state.saved.get('s')!, ...fields })

/** A stream with one change at which its handler fails until it is mended. */
async function failing() {
  const at = bench()
  await start(at, { handle: () => undefined })
  at.source.insert({ _id: 'a' })
  const { ids, handle } = recorder()
  const so = { mended: false }
  return {
    at,
    ids,
    mend: () => void (so.mended = true),
    handle: async (...[change, context]: Parameters<typeof handle>) => {
      if (!so.mended) throw new TypeError('not yet')
      await handle(change, context)
    },
  }
}

/** Lets a halted worker look at the state `looks` times. */
async function look({ clock }: Bench, looks: number): Promise<void> {
  for (let n = 0; n < looks; n += 1) {
    clock.advance(2000)
    for (let turns = 0; turns < 20; turns += 1) await new Promise((resolve) => setImmediate(resolve))
  }
}

const lastError = ({ state }: Bench) => state.saved.get('s')!.lastError?.code

test('a resume right behind the recording of the halt, before the worker looks for the first time, is not lost', async () => {
  const { at, ids, handle, mend } = await failing()
  let halts = 0
  const store: CheckpointStore = {
    ...at.state.store,
    async release(claim, error, inDoubt) {
      await at.state.store.release(claim, error, inDoubt)
      if (error === null) return
      halts += 1
      mend()
      write(at, { lastError: null })
    },
  }
  const running = start(at, { handle }, { max: 1 }, { ...hold, store })
  await expect.poll(() => halts).toBe(1)
  await look(at, 2)
  expect(await running).toMatchObject({ handled: 1 })
  expect(ids()).toEqual(['a'])
})

test('a halt that could not be recorded in an outage is recorded after it, so that it can be resumed; before, nothing revives the stream', async () => {
  const { at, ids, handle, mend } = await failing()
  let outage = true
  let refused = 0
  const store: CheckpointStore = {
    ...at.state.store,
    async release(claim, error, inDoubt) {
      if (outage && error !== null) {
        refused += 1
        throw new Error('no primary')
      }
      await at.state.store.release(claim, error, inDoubt)
    },
  }
  const running = start(at, { handle }, { max: 1 }, { ...hold, store })
  await expect.poll(() => refused).toBe(1)
  await look(at, 3)
  expect({ refused, error: lastError(at), handled: ids() }).toEqual({ refused: 4, error: undefined, handled: [] })
  outage = false
  await look(at, 1)
  expect(lastError(at)).toBe('HANDLER_FAILED')
  mend()
  await look(at, 2)
  expect(ids()).toEqual([])
  write(at, { lastError: null })
  await look(at, 1)
  expect(await running).toMatchObject({ handled: 1 })
})

test('a worker that was revived and finds another definition waits for the next act, instead of trying every two seconds', async () => {
  const { at, ids, handle, mend } = await failing()
  let halts = 0
  const log = { ...silentLog, error: () => void (halts += 1) }
  const running = start(at, { handle }, { max: 1 }, { ...hold, log })
  await expect.poll(() => lastError(at)).toBe('HANDLER_FAILED')
  const { epoch, rev } = at.state.saved.get('s')!
  write(at, { epoch: epoch + 1, rev: rev + 1, lastError: null, fingerprint: 'another' })
  mend()
  await look(at, 5)
  expect({ halts, handled: ids() }).toEqual({ halts: 2, handled: [] })
  write(at, { fingerprint: 'f' })
  await look(at, 1)
  expect(await running).toMatchObject({ handled: 1 })
})

/** A stream of another definition; `act` is done right behind each refusal to start, before the worker can look. */
async function refusing(act: (at: Bench, seen: Claim, nth: number) => void) {
  const at = bench()
  await start(at, { handle: () => undefined })
  at.source.insert({ _id: 'a' })
  write(at, { fingerprint: 'another' })
  let refusals = 0
  const store: CheckpointStore = {
    ...at.state.store,
    async refuse(seen, error) {
      await at.state.store.refuse(seen, error)
      refusals += 1
      act(at, seen, refusals)
    },
  }
  return { at, store, refusals: () => refusals }
}

test('a new definition that is accepted right behind its refusal, before the worker has looked, is noticed', async () => {
  const { at, store, refusals } = await refusing((on, { epoch, rev }) =>
    write(on, { epoch: epoch + 1, rev: rev + 1, lastError: null, fingerprint: 'f' }),
  )
  const { ids, handle } = recorder()
  const running = start(at, { handle }, { max: 1 }, { ...hold, store })
  await expect.poll(refusals).toBe(1)
  await look(at, 1)
  expect(await running).toMatchObject({ handled: 1 })
  expect(ids()).toEqual(['a'])
})

test('a refused start that is resumed before the worker has looked is tried again, and says so again', async () => {
  const { at, store, refusals } = await refusing((on, _seen, nth) => {
    if (nth === 1) write(on, { lastError: null })
  })
  const { handle } = recorder()
  const running = start(at, { handle }, { max: 1 }, { ...hold, store })
  await expect.poll(refusals).toBe(1)
  await look(at, 1)
  expect({ refusals: refusals(), error: lastError(at) }).toEqual({ refusals: 2, error: 'FINGERPRINT_CHANGED' })
  await look(at, 3)
  expect(refusals()).toBe(2)
  write(at, { fingerprint: 'f' })
  await look(at, 1)
  expect(await running).toMatchObject({ handled: 1 })
})
