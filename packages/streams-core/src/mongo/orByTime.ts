import { mayOpenByTime } from '../core/errorClass.js'
import type { ChangeReader } from '../ports.js'

/**
 * Reads on from an own token, or, when the server does not find it again (280, 50810), once from its time instead.
 * The server may notice only when the next change arrives, long after it opened the stream.
 */
export async function orByTime(byToken: () => Promise<ChangeReader>, byTime: () => Promise<ChangeReader>): Promise<ChangeReader> {
  let proven = false
  let reader = await byToken().catch((error: unknown) => fallBack(error))

  function fallBack(error: unknown): Promise<ChangeReader> {
    if (proven || !mayOpenByTime(error)) throw error
    proven = true
    return byTime()
  }

  return {
    get reached() {
      return reader.reached
    },
    async next(signal) {
      try {
        const read = await reader.next(signal)
        proven ||= read.kind !== 'quiet'
        return read
      } catch (error) {
        const failed = reader
        reader = await fallBack(error)
        await failed[Symbol.asyncDispose]()
        return await reader.next(signal)
      }
    },
    [Symbol.asyncDispose]: () => reader[Symbol.asyncDispose](),
  }
}
