import { setImmediate as turn } from 'node:timers/promises'
import { expect, test } from 'vitest'
import type { PauseStore } from '../../src/ports.js'
import { bench, start } from './bench.js'

/** A run with a change whose position cannot be saved until `at.down` is false. */
async function outage() {
  const at = bench()
  await start(at, { handle: () => undefined })
  const change = at.source.insert({ _id: 'a' })
  const now = { down: true, paused: false, commits: 0 }
  const pauses: PauseStore = {
    load: async () => (now.paused ? { reason: 'x', remainingMs: null, seenBy: null } : null),
    seen: async () => undefined,
  }
  const store: typeof at.state.store = {
    ...at.state.store,
    async commit(claim, advance) {
      now.commits += 1
      if (now.down) throw Object.assign(new Error('connection closed'), { name: 'MongoNetworkError' })
      return await at.state.store.commit(claim, advance)
    },
  }
  const running = start(at, { handle: () => undefined }, {}, { pauses, store, ttlMs: 10_000_000, random: () => 0.01 })
  const ended = running.then(
    ({ reason }) => reason,
    (error: unknown) => (error as { readonly code: string }).code,
  )
  return {
    now,
    stop: () => at.stop.abort(new Error('enough')),
    saved: () => at.state.saved.get('s')!.highest === change.token,
    ended: () => Promise.race([ended, turn().then(() => 'still running')]),
    async pass(seconds: number): Promise<void> {
      for (let passed = 0; passed < seconds; passed += 0.1) {
        at.clock.advance(100)
        for (let turns = 0; turns < 10; turns += 1) await turn()
      }
    },
  }
}

test('a pause during an outage of the state is no stop: what is in hand is saved after it, and the run goes on after the pause', async () => {
  const { now, stop, saved, ended, pass } = await outage()
  await pass(2)
  expect(now.commits).toBeGreaterThan(0)
  now.paused = true
  await pass(2)
  const before = now.commits
  await pass(15)
  // It goes on asking, and not in a busy loop.
  expect(now.commits - before).toBeGreaterThan(10)
  expect(now.commits - before).toBeLessThan(200)
  expect(await ended()).toBe('still running')
  now.down = false
  await pass(2)
  expect(saved()).toBe(true)
  now.paused = false
  await pass(2)
  expect(await ended()).toBe('still running')
  stop()
  await pass(1)
  expect(await ended()).toBe('stopped')
})

test('a run that is asked to stop while it is paused in an outage gives up soon', async () => {
  const { now, stop, saved, ended, pass } = await outage()
  await pass(2)
  now.paused = true
  await pass(10)
  expect(await ended()).toBe('still running')
  stop()
  await pass(6)
  expect(await ended()).toBe('UNREACHABLE')
  expect(saved()).toBe(false)
})
