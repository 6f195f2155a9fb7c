import type { ChangeStream, ChangeStreamOptions, Document, MongoClient } from 'mongodb'
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
  const { id, ns, postBatchResumeToken } = opened['cursor'] as { id: unknown; ns: string; postBatchResumeToken: unknown }
  const dot = ns.indexOf('.')
  await killCursor(namespace, { id, database: ns.slice(0, dot), collection: ns.slice(dot + 1) })
  return postBatchResumeToken
}

export async function killCursor(
  { client }: WatchedNamespace,
  cursor: { readonly id: unknown; readonly database: string; readonly collection: string },
): Promise<void> {
  await client.db(cursor.database).command({ killCursors: cursor.collection, cursors: [cursor.id] })
}
