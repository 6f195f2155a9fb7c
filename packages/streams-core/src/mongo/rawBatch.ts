import type { ClientSession, Document, MongoClient } from 'mongodb'
import type { Position } from '../core/position.js'
import { ownPosition } from './resumeToken.js'
import { type OpenCursor, openCursor } from './watchedNamespace.js'

/** What one reply of a change stream's cursor holds. */
export interface RawBatch {
  /** Each change as BSON, a view into the reply. */
  readonly changes: readonly Uint8Array[]
  /** Everything that matches up to here is in this batch or an earlier one. */
  readonly reached: Position
  /** Null: the server has closed it, nothing follows. */
  readonly cursor: OpenCursor | null
}

/** Sends an `aggregate` or `getMore` to the primary; its batch is not decoded. Rejects with the driver's error. */
export async function rawBatch(
  client: MongoClient,
  database: string,
  command: Document,
  session: ClientSession,
): Promise<RawBatch> {
  const { ignoreUndefined, serializeFunctions } = client.bsonOptions
  const reply = await client.db(database).command(command, {
    session,
    readPreference: 'primary',
    fieldsAsRaw: { firstBatch: true, nextBatch: true },
    ...(ignoreUndefined !== undefined && { ignoreUndefined }),
    ...(serializeFunctions !== undefined && { serializeFunctions }),
    // A client's timeoutMS would take the place of the getMore's waiting time; the watchdog sees to a silent server.
    ...(client.options.timeoutMS !== undefined && { timeoutMS: 0 }),
  })
  const { id, firstBatch, nextBatch, postBatchResumeToken } = reply['cursor']
  return {
    changes: firstBatch ?? nextBatch,
    reached: ownPosition(postBatchResumeToken),
    cursor: String(id) === '0' ? null : openCursor(reply),
  }
}
