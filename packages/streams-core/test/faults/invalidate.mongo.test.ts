import type { Db, Document } from 'mongodb'
import { expect, inject, test } from 'vitest'
import { type Observer, type StreamOptions, defineStream, runStream } from '../../src/index.js'
import { type TestDatabase, testDatabase } from '../../src/testing/index.js'
import { caught } from '../admin/setting.js'

// The state is elsewhere: dropping the watched database must not take it along.
async function place(extra: Partial<StreamOptions>) {
  const state = await testDatabase(inject('mongoUri'))
  const watched = await testDatabase(inject('mongoUri'))
  await state.widen(watched.name)
  const handed: unknown[] = []
  const opened: unknown[] = []
  const stream = defineStream({
    name: 's',
    watch: { database: watched.name, collection: 'source' },
    handle: (change) => {
      if (change.operationType === 'insert') handed.push(change.documentKey._id)
    },
    ...extra,
  } as StreamOptions)
  await watched.db.createCollection('source')
  // A busy machine looks like a silent server, after which reading begins again: that is not counted.
  let again = false
  const observer: Observer = {
    opened: (event) => {
      if (!again) opened.push(event)
      again = false
    },
    reopening: () => void (again = true),
  }
  const run = (until?: 'caught-up') => runStream(stream, { client: state.client, ...(until && { until }), observer })
  await run('caught-up').done
  return {
    state,
    watched,
    handed,
    opened,
    run,
    insert: (_id: string) => watched.db.collection<{ _id: string }>('source').insertOne({ _id }),
    async [Symbol.asyncDispose]() {
      await state[Symbol.asyncDispose]()
      await watched[Symbol.asyncDispose]()
    },
  }
}

const ways: Record<string, (db: Db) => Promise<unknown>> = {
  drop: (db) => db.dropCollection('source'),
  rename: (db) => db.renameCollection('source', 'elsewhere'),
  dropDatabase: (db) => db.dropDatabase(),
}
// A pipeline that lets the invalidate out, and one that filters it out: then the server only closes the cursor.
const pipelines: Record<string, Document[]> = { whole: [], filtered: [{ $match: { operationType: 'insert' } }] }
const cases = Object.keys(ways).flatMap((way) => Object.keys(pipelines).map((pipeline) => [way, pipeline] as const))

const uuidOf = async ({ admin: db }: TestDatabase) => {
  const [info] = (await db.listCollections({ name: 'source' }).toArray()) as { info?: { uuid: { toString(): string } } }[]
  return info?.info?.uuid.toString().replaceAll('-', '')
}

test.each(cases)(
  'after a %s, with the %s pipeline, onInvalidate stop ends the run with INVALIDATED, again when started again',
  async (way, pipeline) => {
    await using at = await place({ onInvalidate: 'stop', pipeline: pipelines[pipeline]! })
    const running = at.run()
    await expect.poll(() => running.status.phase).toBe('running')
    await at.insert('a')
    await ways[way]!(at.watched.admin)
    for (const done of [() => running.done, () => at.run().done]) {
      expect(await caught(done())).toMatchObject({
        code: 'INVALIDATED',
        exit: 6,
        message: expect.stringContaining('boletia-streams reset s --to latest --execute --confirm s') as string,
      })
    }
    expect(at.handed).toEqual(['a'])
  },
)

test.each(cases)(
  'after a %s, with the %s pipeline, onInvalidate reopen goes on with the collection of the same name',
  async (way, pipeline) => {
    await using at = await place({ onInvalidate: 'reopen', pipeline: pipelines[pipeline]! })
    await using running = at.run()
    await expect.poll(() => running.status.phase).toBe('running')
    await at.insert('a')
    await ways[way]!(at.watched.admin)
    await at.watched.db.createCollection('source').catch(() => undefined)
    await at.insert('b')
    await expect.poll(() => at.handed).toEqual(['a', 'b'])
    // Once at the start of either run, once after the invalidate.
    expect(at.opened).toHaveLength(3)
  },
)

test('rule 5: another UUID under the same name is no refusal: what was written before the drop comes first, then the invalidate decides', async () => {
  for (const onInvalidate of ['stop', 'reopen'] as const) {
    await using at = await place({ onInvalidate })
    await at.insert('a')
    await at.run('caught-up').done
    const former = await uuidOf(at.watched)
    await at.insert('b')
    await at.watched.admin.dropCollection('source')
    await at.watched.db.createCollection('source')
    await at.insert('c')
    const saved = async () => (await at.state.db.collection('stream').findOne({ _id: 's' as never }))?.['uuid'] as string
    expect(await saved()).toBe(former)
    const ended = await caught(at.run('caught-up').done)
    if (onInvalidate === 'stop') {
      expect(ended).toMatchObject({ code: 'INVALIDATED' })
      expect(at.handed).toEqual(['a', 'b'])
    } else {
      expect(at.handed).toEqual(['a', 'b', 'c'])
      expect(await saved()).toBe(await uuidOf(at.watched))
    }
  }
})
