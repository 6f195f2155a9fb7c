import { type ChangeStream, type ChangeStreamOptions, type Document, Long, type MongoClient } from 'mongodb'
import type { Stream } from '../stream.js'
import type { ResolvedPlaces } from './places.js'

/** What a stream watches: a collection, a database (no collection) or the cluster (database `*`). */
export interface WatchedNamespace {
  readonly client: MongoClient
  readonly database: string
  readonly collection: string | null
}

export function watchedNamespace(
  { watch: { connection, database, collection } }: Pick<Stream, 'watch'>,
  places: ResolvedPlaces,
): WatchedNamespace {
  return { client: places.client(connection), database: places.database(connection, database), collection }
}

/** `boletia.reservas`; `boletia.*` for a database, `*` for the cluster. */
export function namespaceText({ database, collection }: Pick<WatchedNamespace, 'database' | 'collection'>): string {
  return database === '*' ? '*' : `${database}.${collection ?? '*'}`
}

export function watch(
  { client, database, collection }: WatchedNamespace,
  pipeline: Document[],
  options: ChangeStreamOptions,
): ChangeStream {
  if (database === '*') return client.watch(pipeline, options)
  const db = client.db(database)
  return collection === null ? db.watch(pipeline, options) : db.collection(collection).watch(pipeline, options)
}

/** The command that opens a change stream without reading from it, and the database it goes to; `options` go into the `$changeStream` stage. */
export function changeStreamCommand(
  { database, collection }: WatchedNamespace,
  pipeline: readonly Document[],
  options: Document,
) {
  const cluster = database === '*'
  return {
    database: cluster ? 'admin' : database,
    command: {
      aggregate: collection ?? 1,
      pipeline: [{ $changeStream: { ...options, ...(cluster && { allChangesForCluster: true }) } }, ...pipeline],
      cursor: { batchSize: 0 },
      readConcern: { level: 'majority' },
    },
  }
}

/** Opens the stream without reading a change and closes it again. Gives the post-batch resume token. */
export async function postBatchToken(
  namespace: WatchedNamespace,
  pipeline: readonly Document[],
  options: Document,
): Promise<unknown> {
  const { database, command } = changeStreamCommand(namespace, pipeline, options)
  const opened = await namespace.client.db(database).command(command, { readPreference: 'primary' })
  await killCursor(namespace.client, openCursor(opened))
  return (opened['cursor'] as Document)['postBatchResumeToken']
}

/** A cursor that a command left open. */
export interface OpenCursor {
  readonly id: Long
  readonly database: string
  readonly collection: string
}

/** The driver turns one id in a thousand into a number, and the server takes back nothing but a long. */
export function openCursor(reply: Document): OpenCursor {
  const { id, ns } = reply['cursor'] as { id: Long | number | bigint; ns: string }
  const dot = ns.indexOf('.')
  return {
    id: typeof id === 'bigint' ? Long.fromBigInt(id) : Long.fromValue(id),
    database: ns.slice(0, dot),
    collection: ns.slice(dot + 1),
  }
}

export async function killCursor(client: MongoClient, { id, database, collection }: OpenCursor): Promise<void> {
  await client.db(database).command({ killCursors: collection, cursors: [id] })
}
