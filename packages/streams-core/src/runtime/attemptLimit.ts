import type { Clock } from '../ports.js'

/** The error of an attempt that took longer than `retry.timeoutMs`. */
class AttemptTimeout extends Error {
  override readonly name = 'TimeoutError'
}

// AbortSignal.any would leave a trace of each attempt on the run's signal for as long as the run lives, and with it what the handler left on its own.
const inHand = new WeakMap<AbortSignal, Set<AbortController>>()

/** The attempts that abort with `stopping`: it has one listener for all of them. */
function attemptsUnder(stopping: AbortSignal): Set<AbortController> {
  const known = inHand.get(stopping)
  if (known !== undefined) return known
  const attempts = new Set<AbortController>()
  inHand.set(stopping, attempts)
  const onStop = () => {
    for (const attempt of attempts) attempt.abort(stopping.reason)
  }
  stopping.addEventListener('abort', onStop, { once: true })
  return attempts
}

/**
 * Gives an attempt a signal that aborts with the run's and after `ms`; rejects then without waiting for it: what does not heed its signal may go
 * on in the background, beside the next attempt. Once the attempt is over, its signal hears no more of the run's.
 */
export async function withinLimit<T>(
  ms: number,
  clock: Clock,
  stopping: AbortSignal,
  attempt: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const limited = new AbortController()
  const attempts = attemptsUnder(stopping)
  if (stopping.aborted) limited.abort(stopping.reason)
  const over = new AbortController()
  const tooLate = clock.sleep(ms, over.signal).then(() => {
    const error = new AttemptTimeout(`the attempt took longer than ${ms} ms (retry.timeoutMs)`)
    limited.abort(error)
    throw error
  })
  tooLate.catch(() => undefined)
  attempts.add(limited)
  try {
    return await Promise.race([attempt(limited.signal), tooLate])
  } finally {
    attempts.delete(limited)
    over.abort()
  }
}
