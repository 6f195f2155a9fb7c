import { fateOf } from './errorClass.js'

const labels = [
  'TransientTransactionError',
  'UnknownTransactionCommitResult',
  'RetryableWriteError',
  'ResumableChangeStreamError',
  // Of the driver, when a pool is cleared under an operation; of a server that has too much to do.
  'PoolRequestedRetry',
  'SystemOverloadedError',
]
const network = new Set([
  'MongoNetworkError',
  'MongoNetworkTimeoutError',
  'MongoServerSelectionError',
  'MongoPoolClearedError',
  'MongoPoolClosedError',
  'PoolClearedOnNetworkError',
  // The application has every connection of the pool.
  'MongoWaitQueueTimeoutError',
  'SilentServerError',
])

/** True when an error says that the way to the server is at fault, not the change or its writes: worth waiting for, never poison. */
export function isInfrastructure(error: unknown): boolean {
  if (typeof error !== 'object' || error === null) return false
  const given = 'errorLabels' in error && Array.isArray(error.errorLabels) ? error.errorLabels : []
  if (labels.some((label) => given.includes(label)) || fateOf(error) === 'server') return true
  if ('name' in error && network.has(String(error.name))) return true
  // The driver wraps a network error of a bulkWrite into a MongoBulkWriteError, under which it would look like a refused write.
  return 'errorResponse' in error && error.errorResponse instanceof Error && isInfrastructure(error.errorResponse)
}

/** True when nobody answered for a while, or another primary was elected meanwhile (mongo/watchdog.ts). */
export function isSilence(error: unknown): boolean {
  return error instanceof Error && error.name === 'SilentServerError'
}

const ofClosedClient = new Set(['MongoNotConnectedError', 'MongoTopologyClosedError', 'MongoClientClosedError'])

/** True when the caller has closed the client: no waiting helps, and the server is not at fault. */
export function isClosedClient(error: unknown): boolean {
  return error instanceof Error && ofClosedClient.has(error.name)
}
