import { refusedByGuard } from '../core/refusedByGuard.js'

const name = 'VersionTooEarlyError'

/** A plain error, not a StreamError: nothing is broken, and another attempt is worth it when the version before comes in between. */
export function versionTooEarly(target: string, cause: unknown): Error {
  const error = new Error(
    `expectedVersion on "${target}": the version before this one is not there yet; nothing was written, and the change may be tried again`,
    { cause },
  )
  error.name = name
  return error
}

/** True for the error of a version that came too early: as `apply` throws it, and as the server reports it for a write of `project`. */
export function isVersionTooEarly(error: unknown): boolean {
  return (error instanceof Error && error.name === name) || refusedByGuard(error, []) === 'tooEarly'
}
