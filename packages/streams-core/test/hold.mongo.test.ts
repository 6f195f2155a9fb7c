import { describe, expect, test } from 'vitest'
import { applyReset, planReset, resumeStream, streamStatus } from '../src/admin/index.js'
import { type RunOptions, runStream } from '../src/index.js'
import { type Setting, operator, setting } from './admin/setting.js'

async function failing(): Promise<{ readonly at: Setting; readonly tried: unknown[]; mend(): void }> {
  const tried: unknown[] = []
  let mended = false
  const at = await setting({
    retry: { attempts: 1 },
    handle: ({ documentKey }) => {
      tried.push(documentKey?._id)
      if (documentKey?._id === 1 && !mended) throw new TypeError('not yet')
    },
  })
  return { at, tried, mend: () => void (mended = true) }
}

const held = (at: Setting, options: Partial<RunOptions> = {}) =>
  runStream(at.stream, { client: at.place.client, onFatal: 'hold', leaseTtlMs: 1000, ...options })

describe.concurrent('a worker that holds on', () => {
  test('is halted, without its lease, and goes on with the change at which it stopped once it is resumed', async ({ expect }) => {
    const { at, tried, mend } = await failing()
    await using _at = at
    await at.run()
    await using run = held(at)
    await at.insert(1, 2)
    await expect.poll(() => run.status.phase).toBe('halted')
    await expect
      .poll(() => streamStatus(at.options, 'copies'))
      .toMatchObject({ state: 'halted', lease: null, lastError: { code: 'HANDLER_FAILED', name: 'TypeError' } })
    expect(tried.filter((id) => id === 1)).toHaveLength(1)
    mend()
    expect(await resumeStream(at.options, 'copies', { by: 'tester', reason: null })).toMatchObject({
      before: null,
      halt: { code: 'HANDLER_FAILED' },
    })
    await expect.poll(() => run.status.phase).toBe('running')
    await run.whenCaughtUp()
    expect(tried.slice(-2)).toEqual([1, 2])
    await expect.poll(() => streamStatus(at.options, 'copies')).toMatchObject({ state: 'idle', lastError: null })
    const rows = await at.place.db.collection('stream.history').find({ action: 'resume' }).toArray()
    expect(rows).toMatchObject([{ stream: 'copies', reason: 'after HANDLER_FAILED' }])
    // Nothing is left to be resumed.
    expect(await resumeStream(at.options, 'copies', { by: 'tester', reason: null })).toMatchObject({ halt: null, before: null })
  })

  test('goes on behind a reset', async ({ expect }) => {
    const { at, tried } = await failing()
    await using _at = at
    await at.run()
    await using run = held(at)
    await at.insert(1)
    await expect.poll(() => run.status.phase).toBe('halted')
    await expect.poll(async () => (await streamStatus(at.options, 'copies')).lease).toBe(null)
    await applyReset(at.options, await planReset(at.options, 'copies', { kind: 'latest' }), operator)
    await at.insert(2)
    await expect.poll(() => tried).toEqual([1, 2])
    await run.whenCaughtUp()
    expect(run.status).toMatchObject({ phase: 'running', handled: 1 })
  })

  test('waits while another worker has taken the stream over meanwhile', async ({ expect }) => {
    const { at, tried, mend } = await failing()
    await using _at = at
    await at.run()
    await using run = held(at)
    await at.insert(1)
    await expect.poll(() => run.status.phase).toBe('halted')
    mend()
    {
      await using other = runStream(at.stream, { client: at.place.client, standby: true, owner: 'other/1/abcdef' })
      await other.whenCaughtUp()
      await expect.poll(() => run.status.phase).toBe('waiting')
    }
    await at.insert(2)
    await run.whenCaughtUp()
    expect(tried.slice(-2)).toEqual([1, 2])
  })

  test('ends when it is asked to stop, and as ever without the option', async ({ expect }) => {
    const { at } = await failing()
    await using _at = at
    await at.run()
    const run = held(at)
    await at.insert(1)
    await expect.poll(() => run.status.phase).toBe('halted')
    await run.stop()
    expect(await run.done).toMatchObject({ reason: 'stopped', handled: 0 })
    await expect(runStream(at.stream, { client: at.place.client }).done).rejects.toMatchObject({ code: 'HANDLER_FAILED' })
  })
})

test('onFatal is one of two words', async () => {
  await using at = await setting()
  expect(() => held(at, { onFatal: 'wait' as never })).toThrow('onFatal must be reject or hold; got wait')
})
