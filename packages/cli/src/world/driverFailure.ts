import { StreamError, isStreamError } from '@boletia/streams-core/errors'

// Of https://github.com/mongodb/mongo/blob/master/src/mongo/base/error_codes.yml: Unauthorized, AuthenticationFailed, Atlas' own.
const unauthorised = new Set([13, 18, 8000])
const unreachable = new Set(
  'MongoServerSelectionError MongoNetworkError MongoNetworkTimeoutError MongoTopologyClosedError MongoNotConnectedError MongoOperationTimeoutError MongoPoolClearedError MongoPoolClosedError MongoWaitQueueTimeoutError MongoServerClosedError'.split(
    ' ',
  ),
)

/**
 * An error of the driver that reached the command unclassified as a StreamError; any other error is returned as it is.
 * By number and class name, never by text: texts change between servers.
 */
export function driverFailure(error: unknown): unknown {
  if (isStreamError(error) || !(error instanceof Error)) return error
  const number = 'code' in error && typeof error.code === 'number' ? error.code : null
  if (number !== null && unauthorised.has(number)) {
    const login = number !== 13
    const [message, why] = login
      ? ['MongoDB does not accept these credentials', 'User, password or authSource is wrong.']
      : ['the database user may not do this', 'It is known but has not the role.']
    return new StreamError('UNAUTHORISED', message, { cause: error, details: { why, login } })
  }
  if (number === 40573)
    return new StreamError('NOT_A_REPLICA_SET', 'this MongoDB is a standalone server: it has no change streams', { cause: error })
  // The driver wraps a refused login in a selection error when it meets it while monitoring.
  if (unreachable.has(error.name)) return isRefusedLogin(error.cause) ? driverFailure(error.cause) : unreachableError(error)
  return error
}

function isRefusedLogin(cause: unknown): boolean {
  return cause instanceof Error && 'code' in cause && typeof cause.code === 'number' && unauthorised.has(cause.code)
}

function unreachableError(error: Error): StreamError<'UNREACHABLE'> {
  return new StreamError('UNREACHABLE', 'MongoDB does not answer', {
    cause: error,
    details: { why: `${error.name}: ${error.message}` },
  })
}
