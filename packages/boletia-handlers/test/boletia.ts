import { type RunHandle, type Stream, runStream } from '@boletia/streams-core'
import { type TestDatabase, testDatabase } from '@boletia/streams-core/testing'
import { type Collection, type Document, type MongoClient, ObjectId } from 'mongodb'
import { inject } from 'vitest'
import type { Evento, Inventario, Mail, MailTransport, Reserva } from '../src/index.js'

/** The collections of one test, and what the two services do to them, statement for statement. */
export async function boletia() {
  const database = await testDatabase(inject('mongoUri'))
  const { db } = database
  const eventos = db.collection<Evento>('eventos')
  const inventario = db.collection<Inventario>('inventario')
  const reservas = db.collection<Reserva>('reservas')
  await eventos.createIndex({ nombre: 1 }, { unique: true })
  return {
    database,
    eventos,
    inventario,
    reservas,

    async createEvento(nombre: string, capacidad: number): Promise<ObjectId> {
      const _id = new ObjectId()
      await eventos.insertOne({ _id, nombre, capacidad, categoria: 'música', estado: 'A' })
      return _id
    },
    /** The reservation's `_id`, or null when there is not enough left. */
    async reserve(evento: string, cantidad: number, email = 'ana@example.org'): Promise<ObjectId | null> {
      const _id = new ObjectId()
      const filter = { nombre: evento, estado: 'A' as const, disponible: { $gte: cantidad } }
      const { matchedCount } = await inventario.updateOne(filter, {
        $inc: { disponible: -cantidad },
        $set: { reserva: { _id, email, cantidad } },
      })
      return matchedCount === 1 ? _id : null
    },
    cancelReserva: (_id: ObjectId) => reservas.updateOne({ _id, estado: 'A' }, { $set: { estado: 'X' } }),
    cancelEvento: (nombre: string) => eventos.updateOne({ nombre, estado: 'A' }, { $set: { estado: 'C' } }),

    /** What is left and the sum of the active reservations; together they are the capacity while the event is active. */
    async tickets(nombre: string): Promise<{ disponible: number; reservados: number }> {
      const disponible = (await inventario.findOne({ nombre }))?.disponible ?? Number.NaN
      const active = await reservas.find({ evento: nombre, estado: 'A' }).toArray()
      return { disponible, reservados: active.reduce((sum, { cantidad }) => sum + cantidad, 0) }
    },
    [Symbol.asyncDispose]: () => database[Symbol.asyncDispose](),
  }
}

/** Mails into a list, for tests that are not about transports. */
export function mailbox() {
  const mails: Mail[] = []
  const transport: MailTransport = { send: async (mail) => void mails.push(mail), close: async () => {} }
  return { mails, open: () => transport }
}

export interface Running extends AsyncDisposable {
  readonly runs: readonly RunHandle[]
  /** Resolves once all streams are caught up with each other's writes too. Rejects when one fails. */
  quiet(): Promise<void>
}

/** Runs streams on one database, with further clients by name. Resolves when each has its position: what is written from then on is seen. */
export async function running(
  { client, name }: TestDatabase,
  streams: readonly Stream[],
  further: Readonly<Record<string, MongoClient>> = {},
): Promise<Running> {
  const runs = streams.map((stream) => runStream(stream, { connections: { default: client, ...further }, database: name }))
  // A failure is told by quiet(), or by a test that looks at `done` itself.
  for (const { done } of runs) done.catch(() => {})
  const caughtUp = () => Promise.all(runs.map((run) => run.whenCaughtUp()))
  const settled = () => runs.reduce((sum, { status }) => sum + status.handled + status.skipped, 0)
  const stop = async () => void (await Promise.all(runs.map((run) => run.stop())))
  await caughtUp().catch(async (error: unknown) => {
    await stop()
    throw error
  })
  return {
    runs,
    async quiet() {
      // A round in which nobody had anything to do wrote nothing either.
      for (let before = -1; before !== settled();) {
        before = settled()
        await caughtUp()
      }
    },
    [Symbol.asyncDispose]: stop,
  }
}

/** The first `count` changes that a plain change stream of the driver, with updateLookup, brings when it is read after all the writes. */
export async function changesOf<T extends Document>(
  collection: Collection<T>,
  pipeline: Document[],
  count: number,
  write: () => Promise<unknown>,
): Promise<Document[]> {
  await using stream = collection.watch(pipeline, { fullDocument: 'updateLookup', maxAwaitTimeMS: 20 })
  // Opened before the writes, or they are not seen.
  await stream.tryNext()
  await write()
  const changes: Document[] = []
  while (changes.length < count) changes.push(await stream.next())
  return changes
}
