// A dead letter that is removed before its change is handled again, instead of after it.
import { resettling as original } from '../../packages/streams-core/dist/runtime/resettling.js'

export function resettling(worker, progress, committer, ...rest) {
  const settle = original(worker, progress, committer, ...rest)
  return async (delivered, remove) => {
    await committer.beside(async (session) => void (await remove(session)))
    await settle(delivered, async () => true)
  }
}
