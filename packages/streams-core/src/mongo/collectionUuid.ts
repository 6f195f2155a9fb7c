import type { Binary } from 'mongodb'
import { errorNumber } from '../core/errorClass.js'
import type { WatchedNamespace } from './watchedNamespace.js'

/** The collection's UUID (32 hex digits); null when it does not exist, or where collections may not be listed (the least role). */
export async function collectionUuid({ client, database, collection }: WatchedNamespace): Promise<string | null> {
  if (collection === null || database === '*') return null
  try {
    const [found] = await client.db(database).listCollections({ name: collection }).toArray()
    const uuid = (found as { info?: { uuid?: Binary } } | undefined)?.info?.uuid
    return uuid === undefined ? null : Buffer.from(uuid.buffer).toString('hex')
  } catch (error) {
    if (errorNumber(error) === 13) return null
    throw error
  }
}
