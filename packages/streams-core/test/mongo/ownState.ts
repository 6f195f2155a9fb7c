import { mongoCheckpointStore } from '../../src/mongo/checkpointStore.js'
import { type MongoLeaseStore, mongoLeaseStore } from '../../src/mongo/leaseStore.js'
import { ownSessions } from '../../src/mongo/ownSessions.js'
import type { CheckpointStore, Fenced } from '../../src/ports.js'
import type { TestDatabase } from '../../src/testing/index.js'

/** The state of one worker, as a run makes it. */
export interface OwnState extends AsyncDisposable {
  readonly store: CheckpointStore
  readonly leases: MongoLeaseStore
  /** Acquires the lease of stream `s`, from a live owner too, and fences. */
  claim(owner: string): Promise<Fenced>
}

export function ownState(place: Pick<TestDatabase, 'client' | 'name'>): OwnState {
  const state = { client: place.client, database: place.name, collection: 'stream' }
  const sessions = ownSessions(place.client)
  const leases = mongoLeaseStore(state, sessions)
  const store = mongoCheckpointStore(state, leases, sessions.transactions)
  return {
    store,
    leases,
    async claim(owner) {
      const over = (await leases.load('s'))?.epoch ?? null
      const acquired = await leases.acquire({ name: 's', owner, process: null, ttlMs: 60_000, over })
      if (acquired.kind === 'held') throw new Error(`held by ${acquired.lease.owner}`)
      return (await store.fence('s', acquired.epoch, owner, 'f'))!
    },
    [Symbol.asyncDispose]: () => sessions[Symbol.asyncDispose](),
  }
}
