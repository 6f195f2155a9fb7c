import type { ErrorCode } from '../errorCodes.js'

/** What an error of reading or saving asks for: another try after a pause, or a stop with this code. */
export type ErrorClass = { readonly kind: 'transient' } | { readonly kind: 'fatal'; readonly code: ErrorCode }

// Numbers of https://github.com/mongodb/mongo/blob/master/src/mongo/base/error_codes.yml; five digits are assertions in the code.
const fatalByNumber: ReadonlyMap<number, ErrorCode> = new Map<number, ErrorCode>([
  [286, 'HISTORY_LOST'],
  [260, 'TOKEN_UNUSABLE'],
  [280, 'TOKEN_UNUSABLE'],
  [464, 'TOKEN_UNUSABLE'],
  [50810, 'TOKEN_UNUSABLE'],
  [50811, 'TOKEN_UNUSABLE'],
  [40647, 'TOKEN_UNUSABLE'],
  [13, 'UNAUTHORISED'],
  [18, 'UNAUTHORISED'],
  [40573, 'NOT_A_REPLICA_SET'],
  [2, 'SERVER_REFUSED'],
  [9, 'SERVER_REFUSED'],
  [20, 'SERVER_REFUSED'],
  [47, 'SERVER_REFUSED'],
  [72, 'SERVER_REFUSED'],
  [73, 'SERVER_REFUSED'],
  [166, 'SERVER_REFUSED'],
  [40324, 'SERVER_REFUSED'],
])

/** Sorts an error of the driver by its number, never by its text: texts change between servers. Unknown ones are worth another try. */
export function classify(error: unknown): ErrorClass {
  const code = fatalByNumber.get(errorNumber(error) ?? -1)
  return code === undefined ? { kind: 'transient' } : { kind: 'fatal', code }
}

/** The server's error number, where the error has one. */
export function errorNumber(error: unknown): number | null {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : null
  return typeof code === 'number' ? code : null
}

/** An own token that no longer opens by `startAfter` may still open at its time: a `$match` on `fullDocument`, or lost type bits. */
export function mayOpenByTime(error: unknown): boolean {
  const number = errorNumber(error)
  return number === 280 || number === 50810
}
