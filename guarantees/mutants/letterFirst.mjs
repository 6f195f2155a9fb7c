// A dead letter that is removed before its change is handled again, instead of after it.
import { resettling as original } from '../../packages/streams-core/dist/runtime/resettling.js'

export function resettling(worker, progress, committer) {
  const settle = original(worker, progress, committer)
  return async (delivered, remove) => {
    await committer.beside(async (session) => void (await remove(session)))
    await settle(delivered, async () => true)
  }
}
