import { afterAll, beforeAll, expect, test } from 'vitest'
import { type StreamOptions, defineStream, runStream } from '../../src/index.js'
import { peek } from '../../src/admin/index.js'
import { type ReplicaSet, type TestDatabase, startReplicaSet, testDatabase } from '../../src/testing/index.js'

let set: ReplicaSet
beforeAll(async () => {
  // Images expire for the whole server; it looks for expired ones each second.
  set = await startReplicaSet({ auth: true, setParameters: { expiredChangeStreamPreImageRemovalJobSleepSecs: 1 } })
})
afterAll(() => set.stop())

type Doc = { readonly _id: string; readonly n: number }
const seen: unknown[] = []
const stream = (options: Partial<StreamOptions<Doc>>) =>
  defineStream<Doc>({
    name: 's',
    watch: { collection: 'watched' },
    concurrency: 1,
    handle: async (change) =>
      void (
        change.operationType === 'update' &&
        seen.push([change.updateDescription.updatedFields?.n, change.fullDocument?.n, change.fullDocumentBeforeChange?.n])
      ),
    ...options,
  } as StreamOptions<Doc>)

/** A position before an insert and two updates. */
async function prepared(place: TestDatabase, enabled: boolean, options: Partial<StreamOptions<Doc>>) {
  seen.length = 0
  await place.db.createCollection('watched', { changeStreamPreAndPostImages: { enabled } })
  await runStream(stream(options), { client: place.client, until: 'caught-up' }).done
  const watched = place.db.collection<Doc>('watched')
  await watched.insertOne({ _id: 'a', n: 1 })
  for (const n of [2, 3]) await watched.updateOne({ _id: 'a' }, { $set: { n } })
}
const run = (place: TestDatabase, options: Partial<StreamOptions<Doc>>, more: object = {}) =>
  runStream(stream(options), { client: place.client, until: 'caught-up', ...more }).done

test('images are those of the moment of each change, where updateLookup shows both updates the last one', async () => {
  await using place = await testDatabase(set.uri)
  await prepared(place, true, { fullDocument: 'required', fullDocumentBeforeChange: 'required' })
  await run(place, { fullDocument: 'required', fullDocumentBeforeChange: 'required' })
  expect(seen).toEqual([
    [2, 2, 1],
    [3, 3, 2],
  ])
  await using other = await testDatabase(set.uri)
  await prepared(other, true, {})
  await run(other, {})
  expect(seen).toEqual([
    [2, 3, undefined],
    [3, 3, undefined],
  ])
})

test.each([{ fullDocument: 'required' }, { fullDocumentBeforeChange: 'required' }] as const)(
  'without images in the collection %o stops with IMAGE_MISSING and a way on; whenAvailable goes on from there with null',
  async (options) => {
    await using place = await testDatabase(set.uri)
    await prepared(place, false, options)
    await expect(run(place, options)).rejects.toMatchObject({
      code: 'IMAGE_MISSING',
      exit: 6,
      message: expect.stringMatching(/whenAvailable.*--accept-drift --confirm s.*reset s --to/),
    })
    expect(seen).toEqual([])
    // The insert before it is handled.
    expect((await place.db.collection('stream').findOne({}))!['highest']).not.toBeNull()
    const available = Object.fromEntries(Object.keys(options).map((name) => [name, 'whenAvailable']))
    await run(place, available, { acceptDrift: true })
    expect(seen.map((images) => (images as unknown[]).slice(0, 1))).toEqual([[2], [3]])
    expect((seen[0] as unknown[])['fullDocument' in options ? 1 : 2]).toBeUndefined()
  },
)

test('an image that has expired is a missing one', async () => {
  await using place = await testDatabase(set.uri)
  const options = { fullDocumentBeforeChange: 'required' } as const
  await prepared(place, true, options)
  const { client } = place.admin
  const expire = (after: number | 'off') =>
    client
      .db('admin')
      .command({ setClusterParameter: { changeStreamOptions: { preAndPostImages: { expireAfterSeconds: after } } } })
  await expire(1)
  try {
    await expect.poll(() => client.db('config').collection('system.preimages').countDocuments()).toBe(0)
  } finally {
    await expire('off')
  }
  await expect(run(place, options)).rejects.toMatchObject({ code: 'IMAGE_MISSING' })
})

test('a change over 16 MB can be looked at, without its images', async () => {
  await using place = await testDatabase(set.uri)
  const options = { fullDocument: 'whenAvailable', fullDocumentBeforeChange: 'whenAvailable' } as const
  await prepared(place, true, options)
  const watched = place.db.collection<Doc & { bytes?: Buffer }>('watched')
  await watched.insertOne({ _id: 'big', n: 1, bytes: Buffer.alloc(9_000_000, 1) })
  await watched.updateOne({ _id: 'big' }, { $set: { n: 2 } })
  await watched.insertOne({ _id: 'z', n: 1 })
  const { changes, complete } = await peek({ client: place.client, streams: [stream(options)] }, 's', {
    limit: 10,
    payload: true,
  })
  expect([complete, changes.map(({ operationType }) => operationType)]).toEqual([
    true,
    ['insert', 'update', 'update', 'insert', 'update', 'insert'],
  ])
  expect(changes[4]!.payload).toMatchObject({ fullDocument: null, fullDocumentBeforeChange: null })
})
