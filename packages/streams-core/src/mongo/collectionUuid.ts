import { Binary } from 'mongodb'
import { errorNumber } from '../core/errorClass.js'
import type { WatchedNamespace } from './watchedNamespace.js'

// https://github.com/mongodb/mongo/blob/master/src/mongo/base/error_codes.yml
const uuidMismatch = 361

/**
 * Whether the collection has this UUID (32 hex digits); null where the server does not say (a whole database, a strict stable API).
 * Asked by a `find` that expects it: the least role may not list collections.
 */
export async function hasUuid({ client, database, collection }: WatchedNamespace, uuid: string): Promise<boolean | null> {
  if (collection === null || database === '*') return null
  const collectionUUID = new Binary(Buffer.from(uuid, 'hex'), Binary.SUBTYPE_UUID)
  try {
    await client.db(database).command({ find: collection, collectionUUID, limit: 1, singleBatch: true, projection: { _id: 1 } })
    return true
  } catch (error) {
    const number = errorNumber(error)
    if (number === uuidMismatch) return false
    // A strict stable API, or a server without this option.
    if (number === 323 || number === 40415) return null
    throw error
  }
}
