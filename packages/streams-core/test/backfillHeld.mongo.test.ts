// An operator amidst a backfill: what holds for live changes holds for documents.
import { expect, inject, test } from 'vitest'
import {
  listLetters,
  pauseStream,
  planLetters,
  planSkip,
  redriveLetters,
  resumeStream,
  skipChange,
  streamStatus,
} from '../src/admin/index.js'
import { type Change, type Context, type StreamError, type StreamOptions, defineStream, runStream } from '../src/index.js'
import { type TestDatabase, testDatabase } from '../src/testing/index.js'
import { caught } from './admin/setting.js'

interface Sold {
  readonly _id: number
  readonly event: number
}

const who = { by: 'ana', reason: 'a test' }
const ids = (count: number) => Array.from({ length: count }, (_, _id) => _id)

/** 3,000 documents, several batches of a scan, of ten keys; and what a stream with this handler was given of them. */
async function amidst(
  place: TestDatabase,
  handle: (id: number, signal: AbortSignal) => Promise<void> | void,
  options: Partial<Omit<StreamOptions<Sold>, 'handle' | 'project'>> = {},
) {
  await place.db.collection<Sold>('source').insertMany(ids(3000).map((_id) => ({ _id, event: _id % 10 })))
  const handled: number[] = []
  const stream = defineStream<Sold>({
    name: 'copies',
    watch: { collection: 'source' },
    start: 'backfill',
    key: ({ fullDocument }: Change<Sold>) => fullDocument?.event,
    concurrency: 4,
    retry: { attempts: 1 },
    ...options,
    handle: async ({ documentKey }: Change<Sold>, { signal }: Context) => {
      await handle(Number(documentKey?._id), signal)
      handled.push(Number(documentKey?._id))
    },
  })
  const admin = { client: place.client, streams: [stream] }
  return {
    admin,
    handled,
    start: (given: Parameters<typeof runStream>[1] = {}) =>
      runStream(stream, { client: place.client, until: 'caught-up', ...given }),
    sorted: () => [...handled].sort((a, b) => a - b),
  }
}

test('paused in the midst of a scan, a worker hands out no document until it is resumed, and each once', async () => {
  await using place = await testDatabase(inject('mongoUri'))
  let letGo = () => {}
  const gate = new Promise<void>((resolve) => (letGo = resolve))
  const inHand: AbortSignal[] = []
  const at = await amidst(place, async (id, signal) => {
    if (id < 1500) return
    inHand.push(signal)
    await gate
  })
  await using run = at.start()
  await expect.poll(() => inHand.length, { timeout: 15_000 }).toBe(4)
  await pauseStream(at.admin, 'copies', { ...who, until: null })
  await expect.poll(() => inHand.every(({ aborted }) => aborted), { timeout: 15_000 }).toBe(true)
  letGo()
  await expect.poll(async () => (await streamStatus(at.admin, 'copies')).pauseSeenAt, { timeout: 15_000 }).not.toBeNull()
  const { length } = at.handled
  expect(length).toBeLessThan(3000)
  expect((await streamStatus(at.admin, 'copies')).backfill).toMatchObject({ state: 'scanning' })
  await resumeStream(at.admin, 'copies', who)
  expect(await run.done).toMatchObject({ reason: 'caught-up', handled: 3000 })
  expect(at.sorted()).toEqual(ids(3000))
})

test('a document that is parked in the midst of a scan keeps its key waiting over a restart; put back, all of them are handled, each once, in order', async () => {
  await using place = await testDatabase(inject('mongoUri'))
  let broken = true
  const at = await amidst(
    place,
    (id) => {
      if (id === 1203 && broken) throw new Error('no such event')
    },
    { onError: 'park' },
  )
  expect(await at.start({ max: 2000 }).done).toMatchObject({ reason: 'max', parked: 1 })
  expect(await at.start().done).toMatchObject({ reason: 'caught-up' })
  const behind = ids(3000).filter((id) => id % 10 === 3 && id >= 1203)
  expect(at.sorted()).toEqual(ids(3000).filter((id) => !behind.includes(id)))
  expect(await listLetters(at.admin, 'copies')).toHaveLength(behind.length)
  broken = false
  const { length } = at.handled
  expect(await redriveLetters(at.admin, await planLetters(at.admin, 'copies', {}), who)).toMatchObject({
    redriven: behind.length,
  })
  expect(at.handled.slice(length)).toEqual(behind)
  expect(at.sorted()).toEqual(ids(3000))
})

test('a document that halts a scan is skipped by its token: the scan goes on, the document is parked and its key held', async () => {
  await using place = await testDatabase(inject('mongoUri'))
  let broken = true
  const at = await amidst(place, (id) => {
    if (id === 1203 && broken) throw new Error('no such event')
  })
  const error = (await caught(at.start().done)) as StreamError
  expect(error).toMatchObject({ code: 'HANDLER_FAILED' })
  const token = (await streamStatus(at.admin, 'copies')).lastError!.token!
  const plan = await planSkip(at.admin, 'copies', token)
  expect(plan.documentId).toBe(1203)
  await skipChange(at.admin, plan, who)
  expect(await at.start().done).toMatchObject({ reason: 'caught-up' })
  const behind = ids(3000).filter((id) => id % 10 === 3 && id >= 1203)
  expect(await listLetters(at.admin, 'copies')).toHaveLength(behind.length)
  broken = false
  expect(await redriveLetters(at.admin, await planLetters(at.admin, 'copies', {}), who)).toMatchObject({
    redriven: behind.length,
  })
  // What had overtaken it when it halted may be handed over again: at least once.
  expect([...new Set(at.handled)].sort((a, b) => a - b)).toEqual(ids(3000))
})
