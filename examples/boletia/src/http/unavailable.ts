import {
  MongoAPIError,
  MongoClientClosedError,
  MongoError,
  MongoNotConnectedError,
  MongoServerError,
  MongoTopologyClosedError,
} from 'mongodb'

// Server codes of a MongoDB that will answer again: elections, shutdowns, time limits, a write concern not reached in time.
// https://www.mongodb.com/docs/manual/reference/error-codes/
const passing = new Set([6, 7, 50, 64, 89, 91, 112, 134, 189, 202, 262, 9001, 10058, 10107, 11600, 11602, 13435, 13436])
const labels = ['RetryableWriteError', 'RetryableError', 'SystemOverloadedError']
// These say that the connection is gone, not that it was used wrongly.
const closed = [MongoTopologyClosedError, MongoNotConnectedError, MongoClientClosedError]

/**
 * True when an error says "MongoDB is away" and the same request may succeed later; false for a mistake of this program.
 * Judged by class, code and label, never by text.
 */
export function isUnavailable(error: unknown): boolean {
  if (!(error instanceof MongoError)) return false
  if (labels.some((label) => error.hasErrorLabel(label))) return true
  if (error instanceof MongoServerError) return typeof error.code === 'number' && passing.has(error.code)
  return !(error instanceof MongoAPIError) || closed.some((kind) => error instanceof kind)
}
