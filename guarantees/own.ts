import { MongoClient } from 'mongodb'
import { afterAll, beforeAll } from 'vitest'
import type { Stream } from '@boletia/streams-core'
import { type ReplicaSet, startReplicaSet } from '@boletia/streams-core/testing'
import type { Mode } from './harness/orders.js'
import { type OwnDatabase, ownDatabase } from './harness/ownDatabase.js'
import { type Trial, startTrial } from './harness/trial.js'
import { streamsOf } from './programs/counted.js'

interface Own {
  /** Logged in as a user who may do everything. */
  readonly client: MongoClient
  /** One that no other test of this file has, for workers of these streams. */
  database(...streams: readonly Stream[]): Promise<OwnDatabase>
  /** A trial in such a database. */
  trial(mode: Mode, options?: { readonly mutant?: string; readonly stuckAfterMs?: number }): Promise<Trial>
}

/** A mongod that asks everybody for a login, and a client for the tests of one file. */
export function ownServer(): Own {
  let set!: ReplicaSet
  let client!: MongoClient
  beforeAll(async () => {
    set = await startReplicaSet({ auth: true, setParameters: { enableTestCommands: true } })
    client = await new MongoClient(set.uri).connect()
  })
  afterAll(async () => {
    await client.close()
    await set.stop()
  })
  return {
    get client() {
      return client
    },
    database: (...streams) => ownDatabase(set, streams),
    trial: async (mode, options = {}) =>
      startTrial({ client, database: await ownDatabase(set, streamsOf(mode)), mode, ...options }),
  }
}
