// Rule 13 turned round: in a transaction the effects come first, and only then the write that finds out who the owner is.
import { mongoCheckpointStore as original } from '../../packages/streams-core/dist/mongo/checkpointStore.js'
import { durableCollection } from '../../packages/streams-core/dist/mongo/places.js'
import { toPositionDocument } from '../../packages/streams-core/dist/mongo/positionDocument.js'
import { sessionTransaction } from '../../packages/streams-core/dist/mongo/sessionTransaction.js'

export function mongoCheckpointStore(state, leases, sessions, passing) {
  const store = original(state, leases, sessions, passing)
  const checkpoints = durableCollection(state.client, state.database, state.collection)
  return {
    ...store,
    async commitWith(claim, advance, effects, mayGiveUp) {
      const session = sessions.transactions
      const { name, epoch, rev } = claim
      const outcome = await sessionTransaction(session, mayGiveUp, async () => {
        await effects(session)
        const update = { $set: toPositionDocument(advance.position), $inc: { rev: 1 } }
        const done = await checkpoints.updateOne({ _id: name, epoch, rev }, update, { session })
        passing('transaction.committing')
        return done.matchedCount === 1
      })
      if (outcome === 'contended') return { kind: 'contended' }
      return outcome === 'committed' ? { kind: 'committed', claim: { ...claim, rev: rev + 1 } } : store.commit(claim, advance)
    },
  }
}
