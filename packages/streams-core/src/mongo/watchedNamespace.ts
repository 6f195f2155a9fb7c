import type { ChangeStream, ChangeStreamOptions, Document, MongoClient } from 'mongodb'
import type { Stream } from '../stream.js'
import type { ResolvedPlaces } from './places.js'

/** What a stream watches: a collection, a database (no collection) or the cluster (database `*`). */
export interface WatchedNamespace {
  readonly client: MongoClient
  readonly database: string
  readonly collection: string | null
}

export function watchedNamespace({ watch: { connection, database, collection } }: Pick<Stream, 'watch'>, places: ResolvedPlaces): WatchedNamespace {
  return { client: places.client(connection), database: places.database(connection, database), collection }
}

export function watch({ client, database, collection }: WatchedNamespace, pipeline: Document[], options: ChangeStreamOptions): ChangeStream {
  if (database === '*') return client.watch(pipeline, options)
  const db = client.db(database)
  return collection === null ? db.watch(pipeline, options) : db.collection(collection).watch(pipeline, options)
}

/** Opens the stream without reading a change and closes it again; `options` go into the `$changeStream` stage. Gives the post-batch resume token. */
export async function postBatchToken({ client, database, collection }: WatchedNamespace, pipeline: readonly Document[], options: Document): Promise<unknown> {
  const cluster = database === '*'
  const db = client.db(cluster ? 'admin' : database)
  const opened = await db.command(
    {
      aggregate: collection ?? 1,
      pipeline: [{ $changeStream: { ...options, ...(cluster && { allChangesForCluster: true }) } }, ...pipeline],
      cursor: { batchSize: 0 },
      readConcern: { level: 'majority' },
    },
    { readPreference: 'primary' },
  )
  const { id, ns, postBatchResumeToken } = opened['cursor'] as { id: unknown; ns: string; postBatchResumeToken: unknown }
  const dot = ns.indexOf('.')
  await client.db(ns.slice(0, dot)).command({ killCursors: ns.slice(dot + 1), cursors: [id] })
  return postBatchResumeToken
}
