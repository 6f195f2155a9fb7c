import { testDatabase } from '@boletia/streams-core/testing'
import { type Collection, type Db, ObjectId } from 'mongodb'
import type { Evento, Inventario, Reserva } from '@boletia/handlers'
import { eventosService } from '../../src/eventos/service.js'
import { reservasService } from '../../src/reservas/service.js'
import { type RunningService, type Service, startService } from '../../src/service/startService.js'

export interface Started extends AsyncDisposable {
  readonly url: string
  readonly db: Db
  /** What the service's user may not do. */
  readonly admin: Db
  readonly uri: string
  readonly log: readonly string[]
  readonly running: RunningService
  readonly eventos: Collection<Evento>
  readonly inventario: Collection<Inventario>
  readonly reservas: Collection<Reserva>
}

export const startEventos = (mongoUri: string): Promise<Started> => start(eventosService, mongoUri)
export const startReservas = (mongoUri: string): Promise<Started> => start(reservasService, mongoUri)

/** One service on a free port, over HTTP as in production, with a database of its own and its log kept. */
async function start(service: Service, mongoUri: string): Promise<Started> {
  const database = await testDatabase(mongoUri)
  const log: string[] = []
  const options = {
    uri: database.uri,
    host: '127.0.0.1',
    port: 0,
    logLevel: 'trace',
    logStream: { write: (line: string) => log.push(line) },
  } as const
  const running = await startService(service, options)
  const { db, admin, uri } = database
  return {
    url: running.url,
    db,
    admin,
    uri,
    log,
    running,
    eventos: db.collection<Evento>('eventos'),
    inventario: db.collection<Inventario>('inventario'),
    reservas: db.collection<Reserva>('reservas'),
    async [Symbol.asyncDispose]() {
      await running.drain()
      await database[Symbol.asyncDispose]()
    },
  }
}

/** An inventory document as streamEvento inserts it. */
export function inventoryOf(nombre: string, disponible: number, estado: 'A' | 'C' = 'A'): Inventario {
  return { _id: new ObjectId(), nombre, disponible, categoria: 'concierto', estado }
}

/** A reservation as streamInventario inserts it. */
export function reservationOf(evento: string, email: string, cantidad: number, estado: Reserva['estado'] = 'A'): Reserva {
  return { _id: new ObjectId(), evento, email, cantidad, estado }
}
