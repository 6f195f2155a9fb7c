// @boletia/streams-core, as its users have it: checkpoints and lease on, no option that a production stream would not use.
import {
  type Context,
  type RunHandle,
  type RunOptions,
  type StreamOptions,
  defineStream,
  runStream,
  sharedReaders,
} from '@boletia/streams-core'
import { unguarded } from '@boletia/streams-core/guards'
import { type Document, MongoClient } from 'mongodb'
import { setTimeout as delay } from 'node:timers/promises'
import { handled, notRun, order, say } from './protocol.js'
import { countOf, upsertOf } from './writes.js'

interface Source extends Document {
  readonly _id: number
  readonly sentAt?: number
}
const { mode = 'count', w = 1, streams = 1, slowMs } = order
const done = handled()
// A projection's change is handled when its batch has been committed.
const uncommitted = new Map<string, Source>()

const works: Record<string, Pick<StreamOptions<Source>, 'handle'> | object> = {
  count: { handle: async (change: { fullDocument?: Source }) => done(change.fullDocument) },
  slow: {
    handle: async () => {
      await delay(slowMs)
      done()
    },
  },
  upsert: {
    handle: async ({ fullDocument }: { fullDocument: Source }, context: Context) => {
      const { filter, update } = upsertOf(fullDocument)
      await context.target('target').updateOne(filter, update, { upsert: true, writeConcern: { w } })
      done(fullDocument)
    },
  },
  project: { project: projected(({ fullDocument }) => [unguarded({ target: 'target', updateOne: upsertOf(fullDocument) })]) },
  count_in_target: { project: projected(({ fullDocument }, context) => [countOf(context, fullDocument)]) },
}

type Inserted = { readonly fullDocument: Source }
function projected(writes: (change: Inserted, context: Context) => readonly object[]) {
  return (change: Inserted, context: Context) => {
    uncommitted.set(context.token, change.fullDocument)
    return writes(change, context)
  }
}
const isProjection = 'project' in works[mode.replace(/_bulk$/, '')]!
const wanted = order.reader

const readers = sharedReaders()

const client = await new MongoClient(order.uri).connect()
const runs: RunHandle[] = Array.from({ length: streams }, (_, index) => {
  const options = {
    // Its own in each process: several of them may read one backlog.
    name: `ours${process.pid}_${index}`,
    watch: { collection: 'source' },
    start: { at: new Date(order.seconds * 1000) },
    // What the ordered guard asks for: the key of the target.
    ...(mode.startsWith('count_in_target') && { key: ({ fullDocument }: Inserted) => fullDocument.evento as unknown }),
    ...(isProjection && { targets: { target: { collection: 'target' } } }),
    ...(mode === 'upsert' && { targets: { target: { collection: 'target' } } }),
    ...(mode.endsWith('_bulk') && { delivery: 'bulk' }),
    ...works[mode.replace(/_bulk$/, '')],
  } as StreamOptions<Source>
  const given: RunOptions = {
    client,
    database: order.database,
    ...(wanted === 'shared' ? { readers } : wanted !== undefined && { reader: wanted }),
    observer: {
      opened() {
        const { reader } = runs[index]!.status
        // Whether cursors are shared is what the server is asked for (suites/streams.ts).
        if (wanted === 'driver' && reader !== wanted) notRun(`this version has no ${wanted} reader to choose`)
        say('opened')
      },
      ...(isProjection && {
        settled({ token }: { readonly token: string }) {
          const document = uncommitted.get(token)
          uncommitted.delete(token)
          done(document)
        },
      }),
    },
  }
  return runStream(defineStream(options), given)
})
try {
  await Promise.all(runs.map((run) => run.done))
} catch (error) {
  console.error(error)
  process.exit(1)
}
