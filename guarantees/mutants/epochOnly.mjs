// Rule 11 left out: a checkpoint is written by whoever has the epoch, whatever was written since. Nobody counts `rev`, so a commit whose
// answer was lost cannot be told from one that never landed.
import { mongoCheckpointStore as original } from '../../packages/streams-core/dist/mongo/checkpointStore.js'

export function mongoCheckpointStore(...args) {
  const store = original(...args)
  const asSaved = async (claim) => {
    const saved = await store.load(claim.name)
    return saved?.epoch === claim.epoch ? { ...claim, rev: saved.rev } : claim
  }
  const withoutRev = (outcome, claim) => (outcome.kind === 'committed' ? { kind: 'committed', claim } : outcome)
  return {
    ...store,
    load: async (name) => {
      const saved = await store.load(name)
      return saved && { ...saved, rev: 0 }
    },
    fence: async (...fence) => {
      const fenced = await store.fence(...fence)
      return fenced && { ...fenced, checkpoint: { ...fenced.checkpoint, rev: 0 } }
    },
    settleUnknown: async (claim) => ({ kind: 'not landed', claim }),
    commit: async (claim, advance) => withoutRev(await store.commit(await asSaved(claim), advance), claim),
    commitWith: async (claim, ...rest) => withoutRev(await store.commitWith(await asSaved(claim), ...rest), claim),
  }
}
