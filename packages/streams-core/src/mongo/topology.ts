import type { MongoClient } from 'mongodb'
import { StreamError } from '../streamError.js'

/** @throws {StreamError} NOT_A_REPLICA_SET: only replica sets and sharded clusters have change streams */
export async function requireReplicaSet(client: MongoClient): Promise<void> {
  const hello = await client.db('admin').command({ hello: 1 })
  if (hello['setName'] !== undefined || hello['msg'] === 'isdbgrid') return
  throw new StreamError(
    'NOT_A_REPLICA_SET',
    'this MongoDB is a standalone server and has no change streams; start it with --replSet rs0 and run rs.initiate() once in mongosh',
  )
}
