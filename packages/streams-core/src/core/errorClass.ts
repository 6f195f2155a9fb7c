import type { ErrorCode } from '../errorCodes.js'

/** What an error of reading or saving asks for: another try after a pause, or a stop with this code. */
export type ErrorClass = { readonly kind: 'transient' } | { readonly kind: 'fatal'; readonly code: ErrorCode }

/**
 * The server's numbers that decide something. `server`: the server or the way to it is at fault, never the change or its writes, so that
 * waiting helps and no attempt is used up. A number that is not here is worth another try, but may be poison in a write.
 * https://github.com/mongodb/mongo/blob/master/src/mongo/base/error_codes.yml; five digits are assertions in the server's code.
 */
// A table reads best with a line for each entry.
// prettier-ignore
export const knownErrors: ReadonlyMap<number, readonly [name: string, fate: ErrorCode | 'server']> = new Map<number, readonly [string, ErrorCode | 'server']>([
  [286, ['ChangeStreamHistoryLost', 'HISTORY_LOST']],
  [260, ['InvalidResumeToken', 'TOKEN_UNUSABLE']],
  [280, ['ChangeStreamFatalError', 'TOKEN_UNUSABLE']],
  [464, ['protocol.md’s list of fatal tokens', 'TOKEN_UNUSABLE']],
  [50810, ['a token without the type bits of its key', 'TOKEN_UNUSABLE']],
  [50811, ['a token that ends too early', 'TOKEN_UNUSABLE']],
  [40647, ['a token that is no hexadecimal text', 'TOKEN_UNUSABLE']],

  [47, ['NoMatchingDocument: a required pre- or post-image', 'IMAGE_MISSING']],

  [13, ['Unauthorized', 'UNAUTHORISED']],
  [18, ['AuthenticationFailed', 'UNAUTHORISED']],
  [40573, ['change streams only on replica sets', 'NOT_A_REPLICA_SET']],

  [2, ['BadValue', 'SERVER_REFUSED']],
  [9, ['FailedToParse', 'SERVER_REFUSED']],
  [20, ['IllegalOperation', 'SERVER_REFUSED']],
  [72, ['InvalidOptions', 'SERVER_REFUSED']],
  [73, ['InvalidNamespace', 'SERVER_REFUSED']],
  [166, ['CommandNotSupportedOnView', 'SERVER_REFUSED']],
  [168, ['an unknown expression of the pipeline', 'SERVER_REFUSED']],
  [241, ['ConversionFailure: the pipeline cannot convert what a change has', 'SERVER_REFUSED']],
  [31325, ['an unknown expression in a $project', 'SERVER_REFUSED']],
  [40324, ['an unknown stage of the pipeline', 'SERVER_REFUSED']],

  // Stepping down, shutting down, not (yet) primary, unreachable:
  // https://github.com/mongodb/specifications/blob/master/source/server-discovery-and-monitoring/server-discovery-and-monitoring.md
  [6, ['HostUnreachable', 'server']],
  [7, ['HostNotFound', 'server']],
  [89, ['NetworkTimeout', 'server']],
  [91, ['ShutdownInProgress', 'server']],
  [133, ['FailedToSatisfyReadPreference', 'server']],
  [189, ['PrimarySteppedDown', 'server']],
  [9001, ['SocketException', 'server']],
  [10107, ['NotWritablePrimary', 'server']],
  [11600, ['InterruptedAtShutdown', 'server']],
  [11602, ['InterruptedDueToReplStateChange', 'server']],
  [13435, ['NotPrimaryNoSecondaryOk', 'server']],
  [13436, ['NotPrimaryOrSecondary', 'server']],
  // Ended from outside: killOp, killCursors, killSessions, the server’s own limits, a dropped index; a sharded cluster that moves data.
  [43, ['CursorNotFound', 'server']],
  [63, ['StaleShardVersion', 'server']],
  [136, ['CappedPositionLost', 'server']],
  [150, ['StaleEpoch', 'server']],
  [175, ['QueryPlanKilled', 'server']],
  [234, ['RetryChangeStream', 'server']],
  [237, ['CursorKilled', 'server']],
  [262, ['ExceededTimeLimit', 'server']],
  [11601, ['Interrupted', 'server']],
  [13388, ['StaleConfig', 'server']],
])

/** Sorts an error of the driver by its number, never by its text: texts change between servers. Unknown ones are worth another try. */
export function classify(error: unknown): ErrorClass {
  const fate = fateOf(error)
  return fate === null || fate === 'server' ? { kind: 'transient' } : { kind: 'fatal', code: fate }
}

/** A lock that is held, or a majority that is late: the operation may be done all the same. */
export const maxTimeMsExpired = 50

/** What the table says; null where it says nothing. */
export function fateOf(error: unknown): ErrorCode | 'server' | null {
  return knownErrors.get(errorNumber(error) ?? -1)?.[1] ?? null
}

/**
 * An assertion in the server's code (five digits) of which the table knows nothing. Those that pass by themselves it knows: mostly a stage or an
 * expression cannot be read, or fails for what a change has, and would for ever.
 */
export function isAssertion(error: unknown): boolean {
  return (errorNumber(error) ?? 0) >= 10_000 && fateOf(error) === null
}

/** A pipeline that the server cannot read, or that fails for what a change has, would be tried for ever. */
export const assertionsInARow = 4

/** The server's error number, where the error has one. */
export function errorNumber(error: unknown): number | null {
  if (typeof error !== 'object' || error === null) return null
  if ('code' in error) {
    if (typeof error.code === 'number') return error.code
    // A client with `promoteValues: false` decodes the server's errors like its documents: to an Int32.
    if (typeof error.code === 'object' && error.code !== null && '_bsontype' in error.code) return Number(error.code)
  }
  // The driver takes each 20 of a write for a server without retryable writes, and hides the number behind advice.
  return 'originalError' in error ? errorNumber(error.originalError) : null
}

/** An own token that no longer opens by `startAfter` may still open at its time: a `$match` on `fullDocument`, or lost type bits. */
export function mayOpenByTime(error: unknown): boolean {
  const number = errorNumber(error)
  return number === 280 || number === 50810
}
