import { setImmediate as turn } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { bench, start } from './bench.js'

const silent = () => Object.assign(new Error('no answer'), { name: 'SilentServerError' })
const mark = (pid: number) => ({ place: 'here', pid, startedAt: '1' })

test('a standby with the same owner text waits for a live lease like any other', async () => {
  const at = bench()
  await start(at, { handle: () => undefined })
  await at.state.leases.acquire({ name: 's', owner: 'me', process: mark(1), ttlMs: 60_000, over: null })
  const before = await at.state.leases.load('s')
  const waiting = start(at, { handle: () => undefined }, {}, { standby: true, process: mark(2) })
  for (let looks = 0; looks < 10; looks += 1) {
    at.clock.advance(1000)
    for (let turns = 0; turns < 5; turns += 1) await turn()
  }
  expect(await at.state.leases.load('s')).toMatchObject({ epoch: before!.epoch, process: mark(1) })
  at.stop.abort(new Error('enough'))
  expect(await waiting).toMatchObject({ reason: 'stopped' })
})

test('after an answer that did not come a live lease with its owner text is its own only when its process holds it', async () => {
  for (const [holder, outcome] of [
    [mark(1), { code: 'LEASE_HELD' }],
    [mark(2), { reason: 'caught-up' }],
  ] as const) {
    const at = bench()
    await start(at, { handle: () => undefined })
    let asked = 0
    const leases: typeof at.state.leases = {
      ...at.state.leases,
      async acquire(request) {
        asked += 1
        if (asked > 1) return await at.state.leases.acquire(request)
        // It came through, of this worker or another one, and the answer did not come.
        await at.state.leases.acquire({ ...request, process: holder })
        throw silent()
      },
    }
    const worker = { leases, process: mark(2) }
    expect(await start(at, { handle: () => undefined }, undefined, worker).catch((error: unknown) => error)).toMatchObject(
      outcome,
    )
  }
})
