import type { ClientSession, MongoClient } from 'mongodb'
import type { CheckpointStore, Claim, CommitOutcome } from '../ports.js'
import { sessionTransaction } from './sessionTransaction.js'

/** Commits effects in transactions and saves no position: what a replay works with. */
export interface PassiveStore extends Pick<CheckpointStore, 'commit' | 'commitWith'>, AsyncDisposable {}

export function passiveStore(client: MongoClient): PassiveStore {
  let session: ClientSession | undefined
  const committed = (claim: Claim): CommitOutcome => ({ kind: 'committed', claim })
  return {
    commit: (claim) => Promise.resolve(committed(claim)),

    async commitWith(claim, _advance, effects, mayGiveUp) {
      session ??= client.startSession({ causalConsistency: false })
      const inSession = session
      const outcome = await sessionTransaction(inSession, mayGiveUp, async () => {
        await effects(inSession)
        return true
      })
      return outcome === 'contended' ? { kind: 'contended' } : committed(claim)
    },

    async [Symbol.asyncDispose]() {
      await session?.endSession()
    },
  }
}
