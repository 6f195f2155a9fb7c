import type { ResumeToken } from 'mongodb'
import { expect, inject, test } from 'vitest'
import { defineStream, runStream } from '../../src/index.js'
import { type TestDatabase, testDatabase } from '../../src/testing/index.js'

const revOf = async (place: TestDatabase, name: string) =>
  (await place.db.collection<{ _id: string; rev: number }>('stream').findOne({ _id: name }))?.rev

test(
  'rule 4: a quiet stream saves its position every 10 s; with a change in hand nothing is saved, however long it takes',
  { timeout: 120_000 },
  async () => {
    await using place = await testDatabase(inject('mongoUri'))
    const source = place.db.collection<{ _id: number }>('source')
    let finish = () => undefined as void
    const finished = new Promise<void>((resolve) => (finish = resolve))
    const handed: unknown[] = []
    const busy = defineStream<{ _id: number }>({
      name: 'busy',
      watch: { collection: 'source' },
      handle: async (change) => {
        handed.push(change.documentKey?._id)
        await finished
      },
    })
    // Everything is filtered out: without heartbeats its position stays where it began.
    const idle = defineStream({
      name: 'idle',
      watch: { collection: 'source' },
      pipeline: [{ $match: { operationType: 'delete' } }],
      handle: () => undefined,
    })
    await using busyRun = runStream(busy, { client: place.client })
    await using idleRun = runStream(idle, { client: place.client })
    await Promise.all([busyRun.whenCaughtUp(), idleRun.whenCaughtUp()])
    await source.insertMany([{ _id: 1 }, { _id: 2 }])
    await expect.poll(() => handed).toContain(1)

    await expect.poll(() => revOf(place, 'idle'), { timeout: 45_000 }).toBe(1)
    expect(await revOf(place, 'busy')).toBe(0)
    finish()
    await busyRun.whenCaughtUp()
    expect(new Set(handed)).toEqual(new Set([1, 2]))
  },
)

test('rule 4, the naive version: the cursor’s own token is ahead of the change in hand, which is lost in a crash', async () => {
  await using place = await testDatabase(inject('mongoUri'))
  const source = await place.db.createCollection<{ _id: number }>('source')
  const cursor = source.watch()
  let saved: ResumeToken
  cursor.on('resumeTokenChanged', (token: ResumeToken) => (saved = token))
  let inHand = 0
  // It begins a change and dies before it has done it.
  cursor.on('change', () => (inHand += 1))
  await expect.poll(() => saved !== undefined).toBe(true)
  await source.insertOne({ _id: 1 })
  await expect.poll(() => inHand).toBe(1)
  await cursor.close()

  const again = source.watch([], { startAfter: saved, maxAwaitTimeMS: 100 })
  expect(await again.tryNext()).toBeNull()
  await again.close()
})
