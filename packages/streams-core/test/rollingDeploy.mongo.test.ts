import { expect, inject, test } from 'vitest'
import { type Change, type RunOptions, defineStream, runStream } from '../src/index.js'
import { testDatabase } from '../src/testing/index.js'

test('a rolling deploy of a changed definition: refused as it is; told to accept it, it stands by and goes on behind the last saved change when the former one ends', async () => {
  await using place = await testDatabase(inject('mongoUri'))
  const source = await place.db.createCollection<{ _id: number }>('source')
  const version = (pipeline: object[]) => {
    const seen: unknown[] = []
    const handle = (change: Change) => void seen.push(change.documentKey?._id)
    const stream = defineStream({ name: 's', watch: { collection: 'source' }, pipeline, handle })
    return { seen, run: (options: Partial<RunOptions> = {}) => runStream(stream, { client: place.client, ...options }) }
  }
  const former = version([])
  const next = version([{ $match: { operationType: 'insert' } }])
  await using old = former.run()
  await old.whenCaughtUp()
  await source.insertOne({ _id: 1 })
  await old.whenCaughtUp()

  await expect(next.run({ standby: true }).done).rejects.toMatchObject({ code: 'FINGERPRINT_CHANGED' })
  await using rolled = next.run({ standby: true, acceptDrift: true })
  await expect.poll(() => rolled.status.phase).toBe('waiting')
  await source.insertOne({ _id: 2 })
  await old.whenCaughtUp()
  await old.stop()
  await source.insertOne({ _id: 3 })
  await expect.poll(() => next.seen).toEqual([3])
  expect(former.seen).toEqual([1, 2])
  // From here on it is the definition of the stream.
  await rolled.stop()
  expect(await next.run({ until: 'caught-up' }).done).toMatchObject({ reason: 'caught-up' })
  await expect(former.run().done).rejects.toMatchObject({ code: 'FINGERPRINT_CHANGED' })
})
