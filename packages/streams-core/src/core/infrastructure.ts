import { errorNumber } from './errorClass.js'

// The server is stepping down, shutting down, or not (yet) primary: the "state change" errors of
// https://github.com/mongodb/specifications/blob/master/source/server-discovery-and-monitoring/server-discovery-and-monitoring.md
const stateChange = new Set([6, 7, 89, 91, 189, 262, 9001, 10107, 11600, 11602, 13435, 13436])
const labels = [
  'TransientTransactionError',
  'UnknownTransactionCommitResult',
  'RetryableWriteError',
  'ResumableChangeStreamError',
]
const network = new Set([
  'MongoNetworkError',
  'MongoNetworkTimeoutError',
  'MongoServerSelectionError',
  'MongoPoolClearedError',
  'MongoPoolClosedError',
  'SilentServerError',
])

/** True when an error says that the way to the server is at fault, not the change or its writes: worth waiting for, never poison. */
export function isInfrastructure(error: unknown): boolean {
  if (typeof error !== 'object' || error === null) return false
  const given = 'errorLabels' in error && Array.isArray(error.errorLabels) ? error.errorLabels : []
  if (labels.some((label) => given.includes(label)) || stateChange.has(errorNumber(error) ?? -1)) return true
  if ('name' in error && network.has(String(error.name))) return true
  // The driver wraps a network error of a bulkWrite into a MongoBulkWriteError, under which it would look like a refused write.
  return 'errorResponse' in error && error.errorResponse instanceof Error && isInfrastructure(error.errorResponse)
}
