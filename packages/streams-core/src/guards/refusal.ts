import { undefinedPaths } from '../core/undefinedPaths.js'
import { StreamError } from '../streamError.js'

/** A wrong call of a guard. The message names the guard, the target and the option; values stay out of it: they may be personal. */
export function refusal(guard: string, target: string, problem: string): StreamError<'INVALID_OPTIONS'> {
  return new StreamError('INVALID_OPTIONS', `${guard} on "${target}": ${problem}`, { details: { guard, target } })
}

/** @throws {StreamError} INVALID_OPTIONS when `undefined` hides anywhere in the parts (protocol rule 20). */
export function refuseUndefined(guard: string, target: string, parts: Readonly<Record<string, unknown>>): void {
  const paths = Object.entries(parts).flatMap(([name, part]) => undefinedPaths(part, name))
  if (paths.length === 0) return
  const verb = paths.length === 1 ? 'is' : 'are'
  throw refusal(
    guard,
    target,
    `${paths.join(', ')} ${verb} undefined; MongoDB would read that as null or leave it out. Check it first, or return nothing.`,
  )
}

/** An update of one document with an empty filter changes an arbitrary one. */
export function refuseEmptyFilter(guard: string, target: string, filter: object): void {
  if (Object.keys(filter).length === 0)
    throw refusal(guard, target, 'filter is empty; name the document that the change belongs to.')
}
