import { StreamError } from '@boletia/streams-core'
import { type Db, type IndexDescription, MongoServerError } from 'mongodb'
import { isUnavailable } from '../http/unavailable.js'
import { isUnauthorised, unauthorised, unreachable } from './awayOrRefused.js'
import { hostsOf } from './connect.js'

const duplicateKey = 11000
// The same keys under another name, or the same name with other options.
const conflicting = new Set<unknown>([85, 86])

/**
 * Creates collections and indexes that are missing; existing ones stay as they are.
 * @throws {StreamError} SERVER_REFUSED when existing documents or indexes contradict them; UNREACHABLE, UNAUTHORISED.
 */
export async function ensureIndexes(db: Db, indexes: Readonly<Record<string, readonly IndexDescription[]>>): Promise<void> {
  for (const [collection, wanted] of Object.entries(indexes)) {
    try {
      await db.collection(collection).createIndexes([...wanted])
    } catch (error) {
      throw explained(error, `${db.databaseName}.${collection}`, hostsOf(db.client))
    }
  }
}

function explained(error: unknown, namespace: string, hosts: string): unknown {
  if (isUnauthorised(error)) return unauthorised(hosts, error)
  if (isUnavailable(error)) return unreachable(hosts, error)
  const code = error instanceof MongoServerError ? error.code : undefined
  // Without the cause's text: it quotes the value that is there twice.
  if (code === duplicateKey) {
    return new StreamError(
      'SERVER_REFUSED',
      `${namespace} holds one key twice, so its unique index cannot be made: remove one, then start again`,
    )
  }
  if (conflicting.has(code)) {
    return new StreamError(
      'SERVER_REFUSED',
      `${namespace} has an index that contradicts the service's: see db.${namespace.split('.')[1]}.getIndexes(), drop it, then start again`,
    )
  }
  return error
}
