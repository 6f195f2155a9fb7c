import { spawnSync } from 'node:child_process'
import { setTimeout as delay } from 'node:timers/promises'
import type { CrashPoint } from '@boletia/streams-core/testing'
import type { MongoClient } from 'mongodb'
import type { CopyKind, Existing } from './existing.js'
import type { WorkOrder } from './orders.js'
import type { OwnDatabase } from './ownDatabase.js'
import { programPath } from './paths.js'
import { type Program, Stalled, startProgram } from './program.js'
import { ambushAt, diedOfKill, ordinary } from './workers.js'

const within = 120_000
const durable = { writeConcern: { w: 'majority' as const } }
// A verdict over writers that hardly wrote would say little.
const leastWritten = 100

/** What the checker (programs/sameCopy.ts) printed. */
export interface Sameness {
  readonly source: number
  readonly missing: number
  readonly extra: number
  readonly different: number
  readonly miscounted: number
  readonly exit: number | null
}

export interface BackfillTrial {
  start(order?: Partial<WorkOrder>): Program
  /** A worker that kills itself at a crash point. */
  killAt(point: CrashPoint, nth?: number): Promise<void>
  /** A worker that is killed once so many documents are handed over. */
  killAfter(documents: number): Promise<void>
  /** Stops the writers, lets a worker catch up, and compares. */
  verdict(): Promise<Sameness & { readonly written: number }>
}

/** Documents that are there, a stream that copies and counts them, and writers that insert, update and delete beside it until the verdict. */
export async function backfillTrial(
  client: MongoClient,
  database: OwnDatabase,
  kind: CopyKind,
  documents: number,
): Promise<BackfillTrial> {
  const db = client.db(database.name)
  const source = db.collection<Existing>('source')
  await db.collection<{ _id: number }>('groups').insertMany([0, 1, 2, 3, 4, 5, 6].map((_id) => ({ _id, count: 0 })))
  for (let first = 0; first < documents; first += 10_000) {
    const some = Math.min(10_000, documents - first)
    await source.insertMany(
      Array.from({ length: some }, (_, n) => ({ _id: first + n, n: 0 })),
      durable,
    )
  }
  const over = new AbortController()
  let written = 0
  const writing = write()

  async function write(): Promise<void> {
    for (let n = 0; !over.signal.aborted; n += 1) {
      await source.updateOne({ _id: (n * 7919) % documents }, { $inc: { n: 1 } })
      await source.deleteOne({ _id: (n * 104_729) % documents })
      // Behind, before and among the others.
      const _id = n % 3 === 0 ? documents + n : n % 3 === 1 ? -1 - n : ((n * 7919) % documents) + 0.5
      await source.insertOne({ _id, n })
      if (n % 4 === 0) await source.updateOne({ _id }, { $inc: { n: 1 } })
      written += 3
      // They go on all the time, but leave the stream some of the server.
      await delay(5)
    }
  }

  function start(order: Partial<WorkOrder> = {}): Program {
    const program = startProgram('copies', [database.uri, kind])
    program.order({ ...ordinary, ...order })
    return program
  }

  async function scanned(): Promise<number> {
    const saved = await db.collection<{ _id: string; backfill?: { scanned: number } }>('stream').findOne({ _id: 'copies' })
    return saved === null ? 0 : (saved.backfill?.scanned ?? Number.POSITIVE_INFINITY)
  }

  function compare(): Sameness {
    const { stdout, status } = spawnSync(process.execPath, [programPath('sameCopy'), database.rootUri], { encoding: 'utf8' })
    return { ...(JSON.parse(stdout) as Omit<Sameness, 'exit'>), exit: status }
  }

  return {
    start,

    async killAt(point, nth = 1) {
      await using worker = start({ ambushes: [ambushAt(point, nth, 'SIGKILL')] })
      await diedOfKill(worker, within)
    },

    async killAfter(count) {
      await using worker = start()
      const deadline = performance.now() + within
      while ((await scanned()) < count) {
        if (performance.now() > deadline) throw new Stalled(`not ${count} documents in ${within} ms; ${worker.said}`)
        await delay(5)
      }
      worker.signal('SIGKILL')
      await diedOfKill(worker, within)
    },

    async verdict() {
      const hardly = () => written <= leastWritten
      while (hardly()) await Promise.race([delay(5), writing])
      over.abort()
      await writing
      if (kind !== 'naive') {
        await using worker = start({ untilCaughtUp: true })
        await worker.heard(within, 'ended')
      }
      return { ...compare(), written }
    },
  }
}
