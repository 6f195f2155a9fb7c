import { type ErrorCode, errorCodes } from './errorCodes.js'

// A symbol of the registry, so that two copies of the package recognise each other's errors.
const brand = Symbol.for('@boletia/streams-core/StreamError')

export interface StreamErrorOptions {
  readonly cause?: unknown
  /** Plain facts for programs (names, times, counts); never a secret, never personal data. */
  readonly details?: Readonly<Record<string, unknown>>
}

/** The one error class. `code` is literal and stable; `cause` keeps the first error. */
export class StreamError<Code extends ErrorCode = ErrorCode> extends Error {
  override readonly name = 'StreamError'
  readonly code: Code
  readonly details: Readonly<Record<string, unknown>>
  readonly [brand] = true

  constructor(code: Code, message: string, options: StreamErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.code = code
    this.details = Object.freeze({ ...options.details })
  }

  /** The command's exit code for this error. */
  get exit(): number {
    return errorCodes[this.code].exit
  }
}

/** True for a StreamError of any copy of the package, optionally of one code. */
export function isStreamError<Code extends ErrorCode = ErrorCode>(error: unknown, code?: Code): error is StreamError<Code> {
  return (
    typeof error === 'object' && error !== null && brand in error && (code === undefined || (error as StreamError).code === code)
  )
}
