// The lease without its fence: commits ask neither for the epoch nor for `rev`, as if only one worker could ever run.
import { mongoCheckpointStore as original } from '../../packages/streams-core/dist/mongo/checkpointStore.js'

export function mongoCheckpointStore(...args) {
  const store = original(...args)
  const asSaved = async (claim) => {
    const { epoch, rev } = await store.load(claim.name)
    return { ...claim, epoch, rev }
  }
  /** Whoever wrote in between is not looked at either. */
  async function whateverIsSaved(claim, commit) {
    for (;;) {
      const outcome = await commit(await asSaved(claim))
      if (outcome.kind === 'committed' || outcome.kind === 'contended') return outcome
    }
  }
  return {
    ...store,
    commit: (claim, advance) => whateverIsSaved(claim, (now) => store.commit(now, advance)),
    commitWith: (claim, ...rest) => whateverIsSaved(claim, (now) => store.commitWith(now, ...rest)),
  }
}
