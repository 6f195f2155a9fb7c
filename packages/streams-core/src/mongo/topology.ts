import type { MongoClient } from 'mongodb'
import { StreamError } from '../streamError.js'

/**
 * @throws {StreamError} NOT_A_REPLICA_SET: only replica sets and sharded clusters have change streams; INVALID_OPTIONS for a connection to a
 * secondary alone: every save would be refused there, and tried again for ever
 */
export async function requireReplicaSet(client: MongoClient): Promise<void> {
  // Whatever read preference the URI has: the member that it asks for may not exist.
  const hello = await client.db('admin').command({ hello: 1 }, { readPreference: 'primary' })
  if (client.options.directConnection && hello['setName'] !== undefined && hello['isWritablePrimary'] !== true) {
    throw new StreamError(
      'INVALID_OPTIONS',
      `directConnection in the URI leads to ${hello['me']}, which is not the primary; name the set instead: mongodb://${(hello['hosts'] ?? []).join(',')}/?replicaSet=${hello['setName']}`,
      { details: { setName: hello['setName'] } },
    )
  }
  if (hello['setName'] !== undefined || hello['msg'] === 'isdbgrid') return
  throw new StreamError(
    'NOT_A_REPLICA_SET',
    'this MongoDB is a standalone server and has no change streams; start it with --replSet rs0 and run rs.initiate() once in mongosh',
  )
}
