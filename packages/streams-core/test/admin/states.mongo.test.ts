import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { describe, test } from 'vitest'
import { pauseStream, planLetters, resumeStream, streamStatus } from '../../src/admin/index.js'
import { statusWhen } from '../../src/admin/listStreams.js'
import { runStream } from '../../src/index.js'
import { type Setting, setting, statusWithLag } from './setting.js'

const by = { by: 'tester', reason: 'stocktaking' }
const stateOf = async (at: Setting) => (await streamStatus(at.options, 'copies')).state
const worker = fileURLToPath(new URL('../fixtures/quietWorker.mjs', import.meta.url))

/** A handler that holds the change `_id: 0` until it is let go. */
function held() {
  let letGo!: () => void
  const gate = new Promise<void>((resolve) => (letGo = resolve))
  return { letGo, handle: async (id: unknown) => (id === 0 ? await gate : undefined) }
}

describe.concurrent('each state, brought about by a real worker:', () => {
  test('new before anything is saved, idle when it has caught up, stopped after a clean stop, orphan outside the config', async ({
    expect,
  }) => {
    await using at = await setting()
    expect(await stateOf(at)).toBe('new')
    {
      await using run = runStream(at.stream, { client: at.place.client })
      await run.whenCaughtUp()
      await expect.poll(() => stateOf(at)).toBe('idle')
    }
    expect(await stateOf(at)).toBe('stopped')
    expect(await streamStatus({ client: at.place.client, streams: [] }, 'copies')).toMatchObject({ state: 'orphan' })
  })

  test('running while a change is in hand, paused by an operator, and running again', async ({ expect }) => {
    const { handle, letGo } = held()
    await using at = await setting({ handle: ({ documentKey }) => handle(documentKey?._id) })
    await using run = runStream(at.stream, { client: at.place.client })
    await run.whenCaughtUp()
    await at.insert(0)
    await expect.poll(() => stateOf(at)).toBe('running')
    await pauseStream(at.options, 'copies', { ...by, until: null })
    expect(await stateOf(at)).toBe('paused')
    await resumeStream(at.options, 'copies', by)
    expect(await stateOf(at)).toBe('running')
    letGo()
    await run.whenCaughtUp()
  })

  test('halted after an error that needs somebody', async ({ expect }) => {
    await using at = await setting({
      retry: { attempts: 1 },
      handle() {
        throw new TypeError('for good')
      },
    })
    const run = runStream(at.stream, { client: at.place.client })
    await run.whenCaughtUp()
    await at.insert(1)
    await expect(run.done).rejects.toMatchObject({ code: 'HANDLER_FAILED' })
    expect(await streamStatus(at.options, 'copies')).toMatchObject({ state: 'halted', lastError: { name: 'TypeError' } })
  })

  test('stale when its worker was killed: at once on the machine of the worker, elsewhere when the lease has run out', async ({
    expect,
  }) => {
    await using at = await setting()
    const child = spawn(process.execPath, [worker, at.place.uri], { stdio: ['ignore', 'pipe', 'inherit'] })
    await once(child.stdout, 'data')
    await expect.poll(() => stateOf(at)).toBe('idle')
    const leases = at.place.db.collection<{ _id: string; process: { place: string } }>('stream.leases')
    const lease = (await leases.findOne({ _id: 'copies' }))!
    const gone = once(child, 'close')
    child.kill('SIGKILL')
    await gone
    // So that only the process can tell.
    await leases.updateOne({ _id: 'copies' }, [{ $set: { until: { $add: ['$$NOW', 600_000] } } }])
    const holder = async () => (await planLetters(at.options, 'copies', {})).owner
    if (process.platform === 'linux') {
      expect(await stateOf(at)).toBe('stale')
      expect(await holder()).toBe(null)
      await leases.updateOne({ _id: 'copies' }, { $set: { 'process.place': 'another machine' } })
    }
    expect(await stateOf(at)).toBe('idle')
    expect(await holder()).not.toBe(null)
    await leases.updateOne({ _id: 'copies' }, [{ $set: { until: '$$NOW', process: { $literal: lease.process } } }])
    expect(await stateOf(at)).toBe('stale')
    // The next one ends what it has left open.
    await at.run()
    expect(await streamStatus(at.options, 'copies')).toMatchObject({ state: 'stopped', restarts: 1 })
  })

  test('stuck when it has been behind at one position for longer than the threshold, and only then; no more once it has moved on', async ({
    expect,
  }) => {
    const { handle, letGo } = held()
    await using at = await setting({ handle: ({ documentKey }) => handle(documentKey?._id) })
    await using run = runStream(at.stream, { client: at.place.client })
    await run.whenCaughtUp()
    await at.insert(0)
    const seen = async () => (await statusWhen(at.options, 'copies', 1500)).state
    await expect.poll(seen).toBe('stuck')
    const { state, lagMs, stuckMs } = await statusWithLag(at.options)
    // For everybody else two minutes have to pass.
    expect(state).toBe('running')
    expect(stuckMs).toBeGreaterThanOrEqual(1500)
    expect(lagMs).toBeGreaterThanOrEqual(stuckMs!)
    letGo()
    await run.whenCaughtUp()
    await expect.poll(seen).toBe('idle')
  })

  test('rule 24: stuck as soon as 10,000 later changes are settled behind one that is not; idle once it is', async ({
    expect,
  }) => {
    const { handle, letGo } = held()
    await using at = await setting({ handle: ({ documentKey }) => handle(documentKey?._id) })
    await using run = runStream(at.stream, { client: at.place.client, leaseTtlMs: 1000 })
    await run.whenCaughtUp()
    const documents = Array.from({ length: 10_500 }, (_, n) => ({ _id: n as never }))
    await at.place.db.collection('source').insertMany(documents, { writeConcern: { w: 'majority' } })
    await expect.poll(() => stateOf(at)).toBe('stuck')
    // Behind for seconds, not for two minutes: what it has read is what tells.
    expect((await statusWithLag(at.options)).stuckMs).toBeLessThan(120_000)
    expect(run.status.handled).toBeLessThan(10_500)
    letGo()
    await run.whenCaughtUp()
    await expect.poll(() => stateOf(at)).toBe('idle')
    expect(run.status.handled).toBe(10_500)
  })
})
