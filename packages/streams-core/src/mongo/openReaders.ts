import { BSON, type Document } from 'mongodb'
import { errorNumber } from '../core/errorClass.js'
import type { WatchedNamespace } from './watchedNamespace.js'

/** Addresses of the clients that have a change stream open with this pipeline, as far as this user may see; none when nobody may be asked. */
export async function openReaders(
  { client, database, collection }: WatchedNamespace,
  pipeline: readonly Document[],
): Promise<readonly string[]> {
  const wanted = BSON.EJSON.stringify(pipeline, { relaxed: false })
  const ns = database === '*' ? 'admin.$cmd.aggregate' : `${database}.${collection ?? '$cmd.aggregate'}`
  try {
    const found = await client
      .db('admin')
      .aggregate([
        // Without allUsers: one's own need no privilege.
        { $currentOp: { idleCursors: true } },
        { $match: { ns, 'cursor.originatingCommand.pipeline.0.$changeStream': { $exists: true } } },
      ])
      .toArray()
    return found
      .filter(({ cursor }) => BSON.EJSON.stringify(cursor.originatingCommand.pipeline.slice(1), { relaxed: false }) === wanted)
      .map((operation) => String(operation['client'] ?? operation['host']))
  } catch (error) {
    if (errorNumber(error) === 13) return []
    throw error
  }
}
