import { describe, expect, test } from 'vitest'
import {
  applyReset,
  listLetters,
  planLetters,
  planReset,
  planSkip,
  redriveLetters,
  resumeStream,
  skipChange,
  streamStatus,
} from '../src/admin/index.js'
import { type RunHandle, type RunOptions, type Stream, defineStream, isStreamError, runStream } from '../src/index.js'
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

  test('goes on behind a change that was skipped, and again once that one was redriven while another halted it', async ({
    expect,
  }) => {
    const tried: unknown[] = []
    const poison = new Set<unknown>([1, 2])
    await using at = await setting({
      retry: { attempts: 1 },
      handle: ({ documentKey }) => {
        tried.push(documentKey?._id)
        if (poison.has(documentKey?._id)) throw new TypeError('not yet')
      },
    })
    await at.run()
    await using run = held(at)
    const halted = async (tries: number) => {
      await expect.poll(() => tried.length).toBe(tries)
      await expect.poll(() => streamStatus(at.options, 'copies')).toMatchObject({ state: 'halted', lease: null })
      return (await streamStatus(at.options, 'copies')).lastError!.token!
    }
    await at.insert(1)
    const plan = await planSkip(at.options, 'copies', await halted(1))
    await skipChange(at.options, plan, { by: 'tester', reason: null })
    await expect.poll(() => run.status.phase).toBe('running')
    await at.insert(2)
    await halted(2)
    poison.clear()
    const letters = await planLetters(at.options, 'copies', {})
    expect(await redriveLetters(at.options, letters, { by: 'tester', reason: null })).toMatchObject({ redriven: 1, left: 0 })
    await run.whenCaughtUp()
    expect(tried).toEqual([1, 2, 1, 2])
    expect(await listLetters(at.options, 'copies')).toEqual([])
    await expect.poll(() => streamStatus(at.options, 'copies')).toMatchObject({ state: 'idle', lastError: null })
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

test('whatever an operator does at the moment of the halt is refused or has its effect: 24 streams, each with an operator who tries without a pause', async () => {
  await using at = await setting()
  const { client, db } = at.place
  const tried = new Map<string, unknown[]>()
  const streams: Stream[] = []
  const gates: (() => void)[] = []
  for (let n = 0; n < 24; n += 1) {
    const gate = new Promise<void>((resolve) => gates.push(resolve))
    const name = `s${n}`
    tried.set(name, [])
    const handle = async (_id: unknown) => {
      tried.get(name)!.push(_id)
      if (_id !== 'poison' || tried.get(name)!.length > 1) return
      await gate
      throw new TypeError('once')
    }
    streams.push(
      defineStream({
        name,
        watch: { collection: 'source' },
        retry: { attempts: 1 },
        handle: ({ documentKey }) => handle(documentKey?._id),
      }),
    )
  }
  const options = { client, streams }
  const runs: RunHandle[] = streams.map((stream) => runStream(stream, { client, onFatal: 'hold' }))
  try {
    await Promise.all(runs.map((run) => run.whenCaughtUp()))
    await at.insert('poison')
    await expect.poll(() => [...tried.values()].every((ids) => ids.length === 1)).toBe(true)
    await Promise.all(
      streams.map(async ({ name }, n) => {
        const plan = await planReset(options, name, { kind: 'latest' })
        gates[n]!()
        if (n % 2 === 0) {
          while ((await resumeStream(options, name, { by: 'tester', reason: null })).halt === null);
          return
        }
        const moved = () =>
          applyReset(options, plan, operator).then(
            () => true,
            (error: unknown) => {
              if (isStreamError(error, 'LEASE_HELD')) return false
              throw error
            },
          )
        while (!(await moved()));
      }),
    )
    await at.insert('later')
    const resumed = ['poison', 'poison', 'later']
    const moved = ['poison', 'later']
    await expect.poll(() => [...tried.values()]).toEqual(streams.map((_, n) => (n % 2 === 0 ? resumed : moved)))
    await Promise.all(runs.map((run) => run.whenCaughtUp()))
    const rows = await db.collection('stream.history').countDocuments({ action: { $in: ['reset', 'resume'] } })
    expect(rows).toBe(24)
  } finally {
    await Promise.all(runs.map((run) => run.stop()))
  }
})

test('onFatal is one of two words', async () => {
  await using at = await setting()
  expect(() => held(at, { onFatal: 'wait' as never })).toThrow('onFatal must be reject or hold; got wait')
})
