import { setImmediate as turn } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { silentLog } from '../../src/silentLog.js'
import { type Bench, bench, recorder, start } from './bench.js'

const teardown = () => {
  throw new RangeError('closing failed at secret@example.org')
}

async function looks(at: Bench, seconds: number): Promise<void> {
  for (let passed = 0; passed < seconds; passed += 1) {
    at.clock.advance(1000)
    for (let turns = 0; turns < 5; turns += 1) await turn()
  }
}

test('a tear-down that throws does not hide why the run failed: its code, its token, the recorded gap; the log names it', async () => {
  const at = bench()
  const { position } = await start(at, { handle: () => undefined })
  const change = at.source.insert({ _id: 'a' })
  const lines: unknown[] = []
  const log = { ...silentLog, error: (...line: unknown[]) => void lines.push(line) }
  const handle = () => Promise.reject(new Error('broken'))
  await expect(start(at, { handle, teardown }, {}, { log })).rejects.toMatchObject({ code: 'HANDLER_FAILED', exit: 7 })
  expect(at.state.saved.get('s')!.lastError).toMatchObject({ code: 'HANDLER_FAILED', token: change.token })
  expect(lines).toContainEqual([{ error: 'RangeError', code: null }, 'the tear-down failed as well'])
  expect(JSON.stringify(lines)).not.toContain('example.org')

  const source = { ...at.source, open: () => Promise.reject(Object.assign(new Error('not in the oplog'), { code: 286 })) }
  await expect(start(at, { handle, teardown }, {}, { source })).rejects.toMatchObject({ code: 'HISTORY_LOST', exit: 6 })
  expect(at.state.saved.get('s')!.gaps).toMatchObject([{ from: position!.clusterTime, to: null }])
})

test('a tear-down that throws ends neither a standby that was fenced nor a worker that holds on', async () => {
  const fenced = bench()
  await start(fenced, { handle: () => undefined })
  const { ids, handle } = recorder()
  const running = start(fenced, { handle, teardown }, {}, { standby: true })
  await expect.poll(() => fenced.state.saved.get('s')!.owner).toBe('me')
  const { epoch } = (await fenced.state.leases.load('s'))!
  await fenced.state.leases.acquire({ name: 's', owner: 'other', process: null, ttlMs: 60_000, over: epoch })
  await looks(fenced, 20)
  await fenced.state.leases.release('s', epoch + 1)
  fenced.source.insert({ _id: 'a' })
  await looks(fenced, 10)
  expect(ids()).toEqual(['a'])
  fenced.stop.abort(new Error('enough'))
  await running.catch(() => undefined)

  const held = bench()
  await start(held, { handle: () => undefined })
  held.source.insert({ _id: 'a' })
  const holding = start(held, { handle: () => Promise.reject(new Error('broken')), teardown }, {}, { hold: true })
  await looks(held, 10)
  expect(await Promise.race([holding.catch((error: unknown) => error), turn().then(() => 'held')])).toBe('held')
  expect(held.state.saved.get('s')!.lastError).toMatchObject({ code: 'HANDLER_FAILED' })
  held.stop.abort(new Error('enough'))
  await holding
})

test('a worker that held on until an operator acted waits like a standby from then on: fenced, it does not end', async () => {
  const at = bench()
  await start(at, { handle: () => undefined })
  at.source.insert({ _id: 'a' })
  let broken = true
  const { ids, handle } = recorder()
  const holding = start(
    at,
    { handle: async (...args) => (broken ? Promise.reject(new Error('broken')) : handle(...args)) },
    {},
    { hold: true },
  )
  await looks(at, 10)
  broken = false
  const saved = at.state.saved.get('s')!
  ;(at.state.saved as Map<string, typeof saved>).set('s', { ...saved, lastError: null, rev: saved.rev + 1 })
  await looks(at, 10)
  expect(ids()).toEqual(['a'])
  const { epoch } = (await at.state.leases.load('s'))!
  await at.state.leases.acquire({ name: 's', owner: 'other', process: null, ttlMs: 60_000, over: epoch })
  await looks(at, 20)
  expect(await Promise.race([holding.catch((error: unknown) => error), turn().then(() => 'waits')])).toBe('waits')
  await at.state.leases.release('s', epoch + 1)
  at.source.insert({ _id: 'b' })
  await looks(at, 10)
  expect(ids()).toEqual(['a', 'b'])
  at.stop.abort(new Error('enough'))
  await holding
})

test('a tear-down that throws after all went well ends the run with its error', async () => {
  const at = bench()
  await expect(start(at, { handle: () => undefined, teardown })).rejects.toMatchObject({ cause: { name: 'RangeError' } })
})
