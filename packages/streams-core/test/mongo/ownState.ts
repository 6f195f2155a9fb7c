import { mongoCheckpointStore } from '../../src/mongo/checkpointStore.js'
import { type MongoLeaseStore, mongoLeaseStore } from '../../src/mongo/leaseStore.js'
import { ownSessions } from '../../src/mongo/ownSessions.js'
import type { CheckpointStore, Fenced } from '../../src/ports.js'
import type { TestDatabase } from '../../src/testing/index.js'
import { highWaterToken } from '../../src/testing/changes/madeToken.js'

/** A position that needs no change stream. */
export const at = (i: number) => ({ token: highWaterToken({ t: 1, i }), clusterTime: { t: 1, i }, by: 'own' as const })
export const settled = (i: number) => ({ position: at(i), settled: true, uuid: null })

/** The state of one worker, as a run makes it. */
export interface OwnState extends AsyncDisposable {
  readonly store: CheckpointStore
  readonly leases: MongoLeaseStore
  /** Acquires the lease, from a live owner too, and fences. */
  claim(owner: string, ttlMs?: number): Promise<Fenced>
}

export function ownState(place: Pick<TestDatabase, 'client' | 'name'>, name = 's', fingerprint = 'f'): OwnState {
  const state = { client: place.client, database: place.name, collection: 'stream' }
  const sessions = ownSessions(place.client)
  const leases = mongoLeaseStore(state, sessions)
  const store = mongoCheckpointStore(state, leases, sessions)
  return {
    store,
    leases,
    async claim(owner, ttlMs = 60_000) {
      const over = (await leases.load(name))?.epoch ?? null
      const acquired = await leases.acquire({ name, owner, process: null, ttlMs, over })
      if (acquired.kind === 'held') throw new Error(`held by ${acquired.lease.owner}`)
      return (await store.fence(name, acquired.epoch, owner, fingerprint))!
    },
    [Symbol.asyncDispose]: () => sessions[Symbol.asyncDispose](),
  }
}
