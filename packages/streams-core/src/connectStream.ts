import type { Collection, Document, MongoClient } from 'mongodb'
import type { Change } from './change.js'
import { defineStream } from './defineStream.js'
import { refuseUnknownOptions } from './knownOptions.js'
import { runStream } from './runStream.js'
import type { Context, Skip } from './stream.js'
import { StreamError } from './streamError.js'

export interface ConnectStreamOptions<T extends Document = Document> {
  /** Aborting finishes the change in hand, saves its token and resolves. */
  readonly signal: AbortSignal
  /** The position is kept in its default database, collection `stream`. */
  readonly client: MongoClient
  /** The stream's name: several streams may watch one collection, each with its own position. */
  readonly stream: string
  /** A driver's collection, or a name in the client's default database. */
  readonly collection: Collection<T> | string
  readonly pipeline?: readonly Document[]
  /** One attempt per change, one change at a time; returning saves the token, throwing ends the stream. */
  readonly handler: (change: Change<T>, context: Context) => Promise<Skip | void> | Skip | void
}

/**
 * The whole contract in one call: reads the saved token by name, hands over each change and its token, saves the token once the handler
 * has returned. Resolves on abort.
 * @throws {StreamError} HANDLER_FAILED (`cause`: what the handler threw; nothing of that change is saved), and every code of a run
 */
export async function connectStream<T extends Document = Document>(options: ConnectStreamOptions<T>): Promise<void> {
  refuseUnknownOptions('connectStream', options)
  const { signal, client, stream, collection, pipeline, handler } = options
  if (!(signal instanceof AbortSignal))
    throw new StreamError('INVALID_OPTIONS', 'signal must be an AbortSignal: it is the way to stop the stream')
  const name = typeof collection === 'string' ? collection : collection.collectionName
  const watched = defineStream<T>({
    name: stream,
    watch: { connection: 'watched', collection: name, ...(typeof collection !== 'string' && { database: collection.dbName }) },
    ...(pipeline && { pipeline }),
    handle: handler,
    concurrency: 1,
    retry: { attempts: 1 },
  })
  // A collection may belong to another client than the one that keeps the position; the driver has the field, its types since 7 don't.
  const watchedClient =
    typeof collection === 'string' ? client : ((collection as { readonly client?: MongoClient }).client ?? client)
  await runStream(watched, { connections: { default: client, watched: watchedClient }, signal }).done
}
