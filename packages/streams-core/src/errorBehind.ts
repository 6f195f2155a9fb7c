import { errorIdentity } from './core/errorIdentity.js'

// Beside the facts, not in them: whatever a log does with these, it cannot write what it does not ask for.
const errors = new WeakMap<object, unknown>()

/** The facts of a log record about an error of a handler: of it only what can be no personal data. */
export function withError<T extends object>(facts: T, error: unknown): T & ReturnType<typeof described> {
  const all = { ...facts, ...described(error) }
  errors.set(all, error)
  return all
}

function described(error: unknown): { readonly error: string; readonly code: string | null } {
  const { name, code } = errorIdentity(error)
  return { error: name, code }
}

/**
 * What a handler threw, for one of the library's log records about it: `facts` is the very object that the log was given. Undefined for every
 * other record. The record itself has the error's name and code; its message may quote a document, so a log that writes it has to clean it
 * first, as the command's does (docs/security.md).
 */
export function errorBehind(facts: object): unknown {
  return errors.get(facts)
}
