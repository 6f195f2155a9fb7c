import { MongoClient } from 'mongodb'
import { afterAll, beforeAll } from 'vitest'
import { type ReplicaSet, startReplicaSet } from '@boletia/streams-core/testing'
import type { Mode } from './harness/orders.js'
import { type Trial, startTrial } from './harness/trial.js'

interface Own {
  readonly set: ReplicaSet
  readonly client: MongoClient
  /** A trial in a database that no other test of this file has. */
  trial(mode: Mode, options?: { readonly mutant?: string; readonly stuckAfterMs?: number }): Trial
}

/** A mongod and a client for the tests of one file. */
export function ownServer(): Own {
  let set!: ReplicaSet
  let client!: MongoClient
  let trials = 0
  beforeAll(async () => {
    set = await startReplicaSet({ setParameters: { enableTestCommands: true } })
    client = await new MongoClient(set.uri).connect()
  })
  afterAll(async () => {
    await client.close()
    await set.stop()
  })
  return {
    get set() {
      return set
    },
    get client() {
      return client
    },
    trial: (mode, options = {}) => startTrial({ set, client, database: `guarantee_${(trials += 1)}`, mode, ...options }),
  }
}
