import type { Clock } from '../ports.js'

/** The error of an attempt that took longer than `retry.timeoutMs`. */
class AttemptTimeout extends Error {
  override readonly name = 'TimeoutError'
}

/**
 * Gives an attempt a signal that aborts with the run's and after `ms`; rejects then without waiting for it: what does not heed its signal may go
 * on in the background, beside the next attempt.
 */
export async function withinLimit<T>(
  ms: number,
  clock: Clock,
  stopping: AbortSignal,
  attempt: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const late = new AbortController()
  const over = new AbortController()
  const tooLate = clock.sleep(ms, over.signal).then(() => {
    const error = new AttemptTimeout(`the attempt took longer than ${ms} ms (retry.timeoutMs)`)
    late.abort(error)
    throw error
  })
  tooLate.catch(() => undefined)
  try {
    return await Promise.race([attempt(AbortSignal.any([stopping, late.signal])), tooLate])
  } finally {
    over.abort()
  }
}
