// A process to be killed or frozen while it copies and counts existing documents and what is written since.
// copies.js <uri> <kind> [<onHistoryLost>]
// Says and takes the same lines as worker.ts. The naive one copies what it finds and then watches: what is written in between is lost.
import { type Change, type StreamOptions, defineStream } from '@boletia/streams-core'
import { apply, guardedInc, upsertProjection } from '@boletia/streams-core/guards'
import { MongoClient } from 'mongodb'
import { type CopyKind, type Existing, groupOf } from '../harness/existing.js'
import type { WorkOrder } from '../harness/orders.js'
import { ordered, say } from './stdio.js'
import { obeying } from './telling.js'

const [uri, kind, onHistoryLost = 'fail'] = process.argv.slice(2) as [string, CopyKind, StreamOptions['onHistoryLost']?]
const client = await new MongoClient(uri, { appName: 'worker' }).connect()
say({ event: 'warm' })
const order = await ordered<WorkOrder>()
if (kind === 'naive') await naively()

const idOf = ({ documentKey }: Change<Existing>) => documentKey?._id as number
/** What a change adds to the number of documents in its group. */
const added: Readonly<Record<string, number>> = { insert: 1, delete: -1 }

const work: Pick<StreamOptions<Existing>, 'project' | 'key'> | Pick<StreamOptions<Existing>, 'handle' | 'key'> =
  kind === 'project'
    ? {
        project(change, context) {
          if (change.documentKey === undefined) return []
          const copy = upsertProjection(context, {
            target: 'copy',
            key: { _id: idOf(change) },
            document: change.fullDocument ?? null,
          })
          const by = added[change.operationType]
          if (by === undefined) return [copy]
          return [
            copy,
            { target: 'groups', updateOne: { filter: { _id: groupOf(idOf(change)) }, update: { $inc: { count: by } } } },
          ]
        },
      }
    : {
        key: (change) => groupOf(idOf(change)),
        async handle(change, context) {
          if (change.documentKey === undefined) return
          const by = added[change.operationType]
          const filter = { _id: groupOf(idOf(change)) }
          if (by !== undefined) await apply(context, guardedInc(context, { target: 'groups', filter, inc: { count: by } }))
          await apply(
            context,
            upsertProjection(context, { target: 'copy', key: { _id: idOf(change) }, document: change.fullDocument ?? null }),
          )
        },
      }

const stream = defineStream<Existing>({
  name: 'copies',
  watch: { collection: 'source' },
  start: 'backfill',
  onHistoryLost,
  targets: { copy: { collection: 'copy' }, groups: { collection: 'groups' } },
  ...work,
})

await obeying(stream, client, order)

async function naively(): Promise<never> {
  const db = client.db()
  const copy = db.collection<Existing>('copy')
  for (const found of await db.collection<Existing>('source').find().toArray())
    await copy.replaceOne({ _id: found._id }, { n: found.n }, { upsert: true })
  const changes = db.collection<Existing>('source').watch([], { fullDocument: 'updateLookup' })
  await changes.tryNext()
  say({ event: 'opened', at: Date.now() })
  for (;;) {
    const change = await changes.next()
    if (!('documentKey' in change)) continue
    const now = 'fullDocument' in change ? change.fullDocument : undefined
    const { _id } = change.documentKey
    await (now ? copy.replaceOne({ _id }, { n: now.n }, { upsert: true }) : copy.deleteOne({ _id }))
  }
}
