import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import { streamInventario, streamReserva } from '@boletia/handlers'
import { type Db, ObjectId } from 'mongodb'
import { expect, test } from 'vitest'
import type { OwnDatabase } from './harness/ownDatabase.js'
import { programPath } from './harness/paths.js'
import { type Program, startProgram } from './harness/program.js'
import { ambushAt, diedOfKill, ordinary } from './harness/workers.js'
import { ownServer } from './own.js'

const own = ownServer()
const timeout = 240_000
const soon = 60_000
const capacidad = 40
const events = ['Concierto', 'Teatro']
const moments = [200, 90, 350, 20, 150, 260, 60, 120]
const durable = { writeConcern: { w: 'majority' as const } }

test(
  'tickets: while customers reserve and cancel and the streams are killed, no event ever has more tickets than seats, and in the end each is accounted for',
  { timeout },
  async () => {
    const { db, uri, rootUri } = await boletia()
    await using watcher = watch(rootUri)
    await using crowd = customers(db)

    let next = startProgram('boletia', [uri, 'guarded'])
    for (const ms of moments) {
      await using worker = next
      next = startProgram('boletia', [uri, 'guarded'])
      worker.order(ordinary)
      await worker.heard(soon, 'opened')
      if (ms === moments[0]) await crowd.come()
      // Each of them is killed at work, however slow it is.
      await crowd.cancels(2)
      await delay(ms)
      worker.signal('SIGKILL')
      await diedOfKill(worker, soon)
    }
    await using last = next
    // Between giving tickets back and the checkpoint that says so: the moment that a guard is for.
    last.order({ ...ordinary, ambushes: [ambushAt('bulk.effectsWritten', 1, 'SIGKILL')] })
    await diedOfKill(last, soon)
    expect(await crowd.go()).toBeGreaterThan(10)

    await using finisher = await finish(uri, 'guarded')
    await expect.poll(() => missing(db), { timeout: soon }).toEqual([0, 0])
    expect(await watcher.verdict()).toMatchObject({ faults: [], exit: 0 })
    expect(finisher.said).not.toContain('failed')
  },
)

test(
  'the watcher notices: tickets that come back without a guard, killed before the checkpoint, come back twice',
  { timeout },
  async () => {
    const { db, uri, rootUri } = await boletia()
    await using watcher = watch(rootUri)
    {
      await using worker = startProgram('boletia', [uri, 'bare'])
      worker.order({ ...ordinary, ambushes: [ambushAt('bulk.effectsWritten', 1, 'SIGKILL')] })
      await worker.heard(soon, 'opened')
      await started(db)
      expect(await reserveAndCancel(db, 'Teatro', 3)).toBe(true)
      await diedOfKill(worker, soon)
    }
    await using finisher = await finish(uri, 'bare')
    await expect.poll(() => missing(db), { timeout: soon }).toEqual([0, -3])
    expect(await watcher.verdict()).toMatchObject({ faults: ['Teatro: 43 left + 0 reserved > 40'], exit: 1 })
    expect(finisher.said).not.toContain('failed')
  },
)

async function boletia(): Promise<OwnDatabase & { readonly db: Db }> {
  const database = await own.database(streamReserva(), streamInventario())
  const db = own.client.db(database.name)
  await db.createCollection('reservas')
  const full = events.map((nombre) => ({ nombre, capacidad, disponible: capacidad, categoria: 'c', estado: 'A' }))
  await db.collection('inventario').insertMany(full, durable)
  return { ...database, db }
}

/** Both streams have a position: what is written from here on is theirs. */
async function started(db: Db): Promise<void> {
  await expect.poll(() => db.collection('stream').countDocuments(), { timeout: soon }).toBe(2)
}

/** Two customers for each event, who reserve and cancel from `come` until `go`, which resolves with the number of cancellations. */
function customers(db: Db) {
  const leaving = new AbortController()
  let crowd: readonly Promise<void>[] = []
  let cancelled = 0
  async function customer(evento: string): Promise<void> {
    for (let own = 0; !leaving.signal.aborted;)
      if (await reserveAndCancel(db, evento, 1 + (own % 3), () => leaving.signal.aborted)) {
        own += 1
        cancelled += 1
      }
  }
  const go = async () => {
    leaving.abort()
    await Promise.all(crowd)
    return cancelled
  }
  return {
    async come() {
      await started(db)
      crowd = [...events, ...events].map(customer)
    },
    /** Resolves after so many more cancellations. */
    async cancels(count: number) {
      const enough = cancelled + count
      await expect.poll(() => cancelled, { timeout: soon }).toBeGreaterThanOrEqual(enough)
    },
    go,
    [Symbol.asyncDispose]: async () => void (await go()),
  }
}

/** As the service does it (one atomic update of the inventory); false when there was not enough, or nobody made the reservation in time. */
async function reserveAndCancel(db: Db, nombre: string, cantidad: number, isOver = () => false): Promise<boolean> {
  const reserva = { _id: new ObjectId(), email: 'ana@example.com', cantidad }
  const taken = await db
    .collection('inventario')
    .updateOne(
      { nombre, estado: 'A', disponible: { $gte: cantidad } },
      { $inc: { disponible: -cantidad }, $set: { reserva } },
      durable,
    )
  while (taken.modifiedCount === 1 && !isOver()) {
    const done = await db.collection('reservas').updateOne({ _id: reserva._id, estado: 'A' }, { $set: { estado: 'X' } }, durable)
    if (done.modifiedCount === 1) return true
    await delay(10)
  }
  return false
}

/** By event: how many tickets are neither left nor reserved; below 0: there are too many. Of what the watcher sees, too. */
async function missing(db: Db): Promise<number[]> {
  const majority = { readConcern: { level: 'majority' as const } }
  return await Promise.all(
    events.map(async (evento) => {
      const left = await db.collection<{ disponible: number }>('inventario', majority).findOne({ nombre: evento })
      const reserved = await db.collection<{ cantidad: number }>('reservas', majority).find({ evento, estado: 'A' }).toArray()
      return capacidad - left!.disponible - reserved.reduce((sum, { cantidad }) => sum + cantidad, 0)
    }),
  )
}

async function finish(uri: string, mode: string): Promise<Program> {
  const worker = startProgram('boletia', [uri, mode])
  worker.order(ordinary)
  await worker.heard(soon, 'opened')
  return worker
}

function watch(uri: string) {
  const child = spawn(process.execPath, [programPath('tickets'), uri], { stdio: ['pipe', 'pipe', 'inherit'] })
  const closed = once(child, 'close')
  let out = ''
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()))
  return {
    async verdict() {
      child.stdin.end()
      const [exit] = (await closed) as [number]
      return { ...(JSON.parse(out) as { looks: number; faults: string[] }), exit }
    },
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL')
      await closed
    },
  }
}
