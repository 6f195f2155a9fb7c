import pRetry from 'p-retry'

/**
 * Ports are chosen before mongod takes them; in between another process can be faster. That start failed for nobody's
 * fault and is made again; any other failure is thrown as it is.
 */
export function startOnFreePort<T>(start: () => Promise<T>): Promise<T> {
  return pRetry(start, {
    retries: 3,
    minTimeout: 0,
    // mongodb-memory-server's error has no code.
    shouldRetry: ({ error }) => /already in use/.test(error.message),
  })
}
