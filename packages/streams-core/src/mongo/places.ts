import type { Collection, Document, MongoClient } from 'mongodb'
import type { Places } from '../runOptions.js'
import { StreamError } from '../streamError.js'

/** Places with every default filled in: which client and database a namespace means. */
export interface ResolvedPlaces {
  client(connection: string | null): MongoClient
  /** The named database, or the run's default. @throws {StreamError} NO_DATABASE */
  database(connection: string | null, database: string | null): string
  readonly state: { readonly client: MongoClient; readonly database: string; readonly collection: string }
}

/** @throws {StreamError} INVALID_OPTIONS without a client or with what is none, NO_DATABASE when nothing names the state's database */
export function resolvePlaces(places: Places): ResolvedPlaces {
  const connections: Readonly<Record<string, MongoClient | undefined>> = {
    ...places.connections,
    ...(places.client && { default: places.client }),
  }
  for (const [name, given] of Object.entries(connections)) {
    if (!isClient(given))
      throw new StreamError('INVALID_OPTIONS', `connection ${name} must be a MongoClient of the driver; got ${kindOf(given)}`)
  }

  const client = (connection: string | null) => {
    const found = connections[connection ?? 'default']
    if (found === undefined) {
      const names = Object.keys(connections).join(', ') || 'none'
      throw new StreamError(
        'INVALID_OPTIONS',
        `no connection is called ${connection ?? 'default'} (given: ${names}); pass it in connections`,
      )
    }
    return found
  }
  const database = (connection: string | null, name: string | null) =>
    name ?? places.database ?? databaseOfUri(client(connection))

  const stateConnection = places.state?.connection ?? null
  return {
    client,
    database,
    state: {
      client: client(stateConnection),
      database: database(stateConnection, places.state?.database ?? null),
      collection: places.state?.collection ?? 'stream',
    },
  }
}

/** By what it can do: another copy of the driver has a class of its own. */
function isClient(given: unknown): boolean {
  if (typeof given !== 'object' || given === null) return false
  const { db, startSession, options } = given as Partial<MongoClient>
  return typeof db === 'function' && typeof startSession === 'function' && typeof options === 'object'
}

/** Never the value: it may be a URI with a password. */
const kindOf = (given: unknown) =>
  given === null || given === undefined ? String(given) : typeof given === 'object' ? 'another object' : `a ${typeof given}`

/** The driver fills in `test` when the URI names no database: positions or tickets must never end up there by accident. */
function databaseOfUri(client: MongoClient): string {
  const { dbName } = client.options
  if (dbName === 'test')
    throw new StreamError(
      'NO_DATABASE',
      'no database is named: put it into the URI (…/boletia) or give `database`; `test` is never assumed',
    )
  return dbName
}

/** A collection with the guarantees forced, whatever the URI says: journaled majority writes, majority reads on the primary, `undefined` kept visible. */
export function durableCollection<D extends Document = Document>(
  client: MongoClient,
  database: string,
  collection: string,
): Collection<D> {
  return client.db(database).collection<D>(collection, {
    writeConcern: { w: 'majority', journal: true },
    readConcern: { level: 'majority' },
    readPreference: 'primary',
    ignoreUndefined: false,
  })
}
