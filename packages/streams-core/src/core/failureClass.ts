import type { FailureClass } from '../stream.js'
import { isStreamError } from '../streamError.js'
import { errorNumber, fateOf } from './errorClass.js'

// The server judged the document itself: DocumentValidationFailure, BSONObjectTooLarge, "Resulting document after update is larger than".
const poison: ReadonlySet<number> = new Set([121, 10334, 17419])

/**
 * What a handler's error asks for: another attempt (`transient`), none, since the change will never succeed (`poison`), or a stop of the stream
 * whatever its `onError` says, since every change would fail in the same way (`fatal`). The stream's own `classify` goes first; an error that
 * nobody knows is transient: parking what an hour's patience would have mended is worse than a few attempts.
 */
export function failureClass(error: unknown, classify: ((error: unknown) => FailureClass | undefined) | null): FailureClass {
  if (classify !== null) {
    try {
      const own = classify(error)
      if (own === 'transient' || own === 'poison' || own === 'fatal') return own
    } catch {
      // It was not made for this error: the table below was.
    }
  }
  // By its name: there may be two copies of the package.
  if (error instanceof Error && error.name === 'DeadLetterError') return 'poison'
  // A definition or the state is at fault, never one change.
  if (isStreamError(error)) return 'fatal'
  const fate = fateOf(error)
  if (fate === 'UNAUTHORISED' || fate === 'NOT_A_REPLICA_SET') return 'fatal'
  return poison.has(errorNumber(error) ?? -1) ? 'poison' : 'transient'
}
