import { Binary, type Document, Long, Timestamp } from 'mongodb'
import { expect, test } from 'vitest'
import { expectedVersion, guardedInc, insertOnce, upsertProjection } from '../../src/guards/index.js'
import { defineStream, runStream } from '../../src/index.js'
import { startReplicaSet, testDatabase } from '../../src/testing/index.js'

type Source = { _id: number }
const names = ['suma', 'vista', 'copias', 'replica']
const stream = defineStream<Source>({
  name: 's',
  watch: { collection: 'source' },
  targets: Object.fromEntries(names.map((name) => [name, { collection: name }])),
  project(change, context) {
    if (change.operationType !== 'insert') return
    const { _id: n } = change.fullDocument
    return [
      guardedInc(context, { target: 'suma', filter: { _id: 'a' }, inc: { n: 1 } }),
      upsertProjection(context, { target: 'vista', key: { _id: 'a' }, document: { n } }),
      insertOnce({ target: 'copias', document: { _id: n } }),
      expectedVersion({ target: 'replica', key: { _id: 'a' }, version: n, update: { $inc: { n: 1 } } }),
    ]
  },
})

/** A cluster with its targets, whose time may be ahead of the clock: it never falls back, so an hour of a wrong clock stays in its tokens. */
async function cluster(aheadMs: number, targets: Record<string, Document[]>) {
  const set = await startReplicaSet({ auth: true })
  const place = await testDatabase(set.uri)
  const { client, db } = place
  // Who may do everything may still not move the cluster's time without its signature.
  const privileges = [{ resource: { cluster: true }, actions: ['advanceClusterTime'] }]
  await place.admin.client.db('admin').command({ createRole: 'clock', privileges, roles: [] })
  await place.admin.client.db('admin').command({ grantRolesToUser: 'root', roles: ['clock'] })
  await place.admin.client.withSession(async (session) => {
    const t = Math.floor((Date.now() + aheadMs) / 1000)
    const signature = { hash: new Binary(Buffer.alloc(20)), keyId: Long.ZERO }
    if (aheadMs > 0) session.advanceClusterTime({ clusterTime: new Timestamp({ t, i: 1 }), signature })
    for (const name of names)
      await place.admin.collection(name).insertMany(targets[name] ?? [{ _id: 'nothing' as never }], { session })
  })
  const run = async () => void (await runStream(stream, { client, until: 'caught-up' }).done)
  await run()
  return {
    async handle(_id: number) {
      await db.collection<Source>('source').insertOne({ _id })
      await run()
    },
    targets: async () =>
      Object.fromEntries(
        await Promise.all(names.map(async (name) => [name, await db.collection(name).find().toArray()] as const)),
      ),
    async seen() {
      const n = async (name: string) => (await db.collection(name).findOne({ _id: 'a' as never }))?.['n'] as unknown
      const copias = await db.collection('copias').countDocuments({ _id: { $type: 'number' } as never })
      return { suma: await n('suma'), vista: await n('vista'), copias, replica: await n('replica') }
    },
    async [Symbol.asyncDispose]() {
      await place[Symbol.asyncDispose]()
      await set.stop()
    },
  }
}
const hourMs = 3_600_000
const fresh = { suma: [{ _id: 'a', n: 0 }] }

test('restored into a cluster whose time is behind: token guards refuse new changes in silence, guards without tokens do not', async () => {
  await using former = await cluster(hourMs, fresh)
  await former.handle(1)
  expect(await former.seen()).toEqual({ suma: 1, vista: 1, copias: 1, replica: 1 })
  await using restored = await cluster(0, await former.targets())
  await restored.handle(2)
  expect(await restored.seen()).toEqual({ suma: 1, vista: 1, copias: 2, replica: 2 })
})

test('restored into a cluster whose time is ahead: a change that is read there again is new to token guards, and an amount counts twice', async () => {
  await using former = await cluster(0, fresh)
  await former.handle(1)
  await using restored = await cluster(hourMs, await former.targets())
  await restored.handle(1)
  expect(await restored.seen()).toEqual({ suma: 2, vista: 1, copias: 1, replica: 1 })
})
