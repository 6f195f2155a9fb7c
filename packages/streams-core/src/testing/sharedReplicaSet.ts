import { MongoClient } from 'mongodb'
import { isStreamError, StreamError } from '../streamError.js'
import type { FindOptions } from './mongod/findMongod.js'
import { startReplicaSet } from './replicaSet.js'

/** A replica set for tests that need neither nodes of their own nor kills, and only databases `boletia_test_*`. */
export interface SharedReplicaSet extends AsyncDisposable {
  readonly uri: string
  stop(): Promise<void>
}

/**
 * The one at `BOLETIA_TEST_MONGODB_URI`, or an embedded one where everybody must log in. `MONGODB_URI` is never read: somebody may have production there.
 * Throws UNREACHABLE or NOT_A_REPLICA_SET when the variable names something else.
 */
export async function sharedReplicaSet(options: FindOptions = {}): Promise<SharedReplicaSet> {
  const uri = process.env.BOLETIA_TEST_MONGODB_URI
  if (uri === undefined || uri === '') return startReplicaSet({ ...options, auth: true })
  await assertReplicaSet(uri)
  const stop = () => Promise.resolve()
  return { uri, stop, [Symbol.asyncDispose]: stop }
}

async function assertReplicaSet(uri: string): Promise<void> {
  try {
    await using client = new MongoClient(uri, { serverSelectionTimeoutMS: 3000 })
    const hello = await client.db('admin').command({ hello: 1 })
    if (hello.setName !== undefined) return
    throw new StreamError(
      'NOT_A_REPLICA_SET',
      'BOLETIA_TEST_MONGODB_URI is a standalone server, which has no change streams: name a replica set, or unset it.',
    )
  } catch (cause) {
    if (isStreamError(cause)) throw cause
    // Without the URI: it may hold a password.
    throw new StreamError(
      'UNREACHABLE',
      'BOLETIA_TEST_MONGODB_URI cannot be used: start that server, correct the variable, or unset it.',
      { cause },
    )
  }
}
