/**
 * What `promise` gives, or the signal's reason as soon as it aborts; the promise is then left to itself. A race with a promise that lives as long as
 * the reading would keep everything that was ever read.
 */
export function orAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(signal.reason as Error)
    if (signal.aborted) {
      // Nobody else may wait for it: what it rejects with would end the process.
      promise.catch(() => undefined)
      return onAbort()
    }
    signal.addEventListener('abort', onAbort, { once: true })
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort))
  })
}

/** The same with null instead of the signal's reason. */
export async function orNull<T>(promise: Promise<T>, signal: AbortSignal): Promise<T | null> {
  try {
    return await orAborted(promise, signal)
  } catch (error) {
    if (signal.aborted && error === signal.reason) return null
    throw error
  }
}
