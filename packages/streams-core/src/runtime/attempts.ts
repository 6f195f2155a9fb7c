import pRetry from 'p-retry'
import type { RetryPolicy } from '../stream.js'

export interface AttemptOptions {
  readonly retry: RetryPolicy
  readonly signal: AbortSignal
  /** The error of a first attempt that was made already. */
  readonly first?: unknown
  onFailed(error: unknown, attempt: number): void
  /** Errors that no further attempt can mend. */
  isFinal(error: unknown): boolean
}

/**
 * Does `work` until it succeeds or its attempts are used up, with exponential back-off and jitter; rejects with the last error itself.
 * An abort ends the waiting between attempts (rejecting with the signal's reason), never an attempt in hand.
 */
export async function attempts<T>(work: (attempt: number) => Promise<T>, options: AttemptOptions): Promise<T> {
  const { retry, signal, onFailed, isFinal } = options
  // p-retry looks at its signal once more after a success: given ours, it would throw away the result of a change that was handled.
  const waiting = new AbortController()
  let inHand = false
  const onAbort = () => {
    if (!inHand) waiting.abort(signal.reason)
  }
  signal.addEventListener('abort', onAbort)
  try {
    return await pRetry(
      async (attempt) => {
        if (attempt === 1 && 'first' in options) throw new Failed(options.first)
        inHand = true
        try {
          return await work(attempt)
        } catch (error) {
          inHand = false
          // Wrapped, because p-retry gives up at once on a TypeError and replaces what is no Error.
          throw new Failed(error)
        }
      },
      {
        retries: retry.attempts - 1,
        minTimeout: retry.minDelayMs,
        maxTimeout: Math.max(retry.minDelayMs, retry.maxDelayMs),
        randomize: true,
        signal: waiting.signal,
        shouldRetry: ({ error }) => !isFinal((error as Failed).reason),
        onFailedAttempt: ({ error, attemptNumber }) => {
          onFailed((error as Failed).reason, attemptNumber)
          if (signal.aborted) waiting.abort(signal.reason)
        },
      },
    )
  } catch (error) {
    throw error instanceof Failed ? error.reason : error
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}

class Failed extends Error {
  readonly reason: unknown
  constructor(reason: unknown) {
    super('the attempt failed')
    this.reason = reason
  }
}
