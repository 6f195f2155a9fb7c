import type { FastifyInstance } from 'fastify'
import type { Db, IndexDescription } from 'mongodb'
import { buildApp } from '../http/app.js'
import { connect } from './connect.js'
import { databaseOf } from './databaseOf.js'
import { ensureIndexes } from './ensureIndexes.js'
import { listen } from './listen.js'
import type { Settings } from './settings.js'

/** What tells one service from the other. */
export interface Service {
  readonly name: 'eventos' | 'reservas'
  readonly title: string
  /** Where it listens unless `PORT` says otherwise. */
  readonly port: number
  /** By collection; the service's own, so that it may start before any stream did. */
  readonly indexes: Readonly<Record<string, readonly IndexDescription[]>>
  readonly routes: (app: FastifyInstance, db: Db) => void
}

export interface StartOptions extends Settings {
  /** Where request logs go, one line of JSON each. */
  readonly logStream: { write(line: string): void }
  /** Milliseconds to wait for MongoDB, as `connect` says; default 5,000. */
  readonly timeoutMs?: number
}

export interface RunningService extends AsyncDisposable {
  readonly url: string
  /** No new connections; requests in hand are answered, for at most `graceMs` (default 10,000); then everything is closed. */
  drain(graceMs?: number): Promise<void>
}

/**
 * Connects, ensures the indexes, listens. A rejection leaves nothing open.
 * @throws {StreamError} as `connect` and `ensureIndexes`. @throws {CannotListen}
 */
export async function startService(service: Service, options: StartOptions): Promise<RunningService> {
  const { timeoutMs = 5000 } = options
  const client = await connect(options.uri, `boletia-${service.name}`, timeoutMs)
  try {
    // Whatever the URI says: what was answered with 200 must survive a failover, and the reason of a refusal is read on the primary.
    const writeConcern = { w: 'majority', journal: true, wtimeoutMS: timeoutMs } as const
    const db = client.db(databaseOf(options.uri), { writeConcern, readPreference: 'primary' })
    await ensureIndexes(db, service.indexes)
    const app = await buildApp({
      title: service.title,
      log: { level: options.logLevel, stream: options.logStream },
      ping: () => db.command({ ping: 1 }),
      routes: (scope) => service.routes(scope, db),
    })
    const url = await listen(app, options)
    const drain = async (graceMs = 10_000): Promise<void> => {
      const late = setTimeout(() => app.server.closeAllConnections(), graceMs)
      await app.close().finally(() => clearTimeout(late))
      await client.close()
    }
    return { url, drain, [Symbol.asyncDispose]: drain }
  } catch (error) {
    await client.close()
    throw error
  }
}
