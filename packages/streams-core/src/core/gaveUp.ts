/**
 * Whether an attempt ended because its signal told it to (`reason` is the signal's), and not because it failed. `fetch`, `timers/promises` and most clients reject with
 * an AbortError then (https://dom.spec.whatwg.org/#aborting-ongoing-activities), axios with a CanceledError.
 */
export function gaveUp(error: unknown, reason: unknown): boolean {
  if (error === reason) return true
  if (!(error instanceof Error)) return false
  return error.name === 'AbortError' || error.name === 'CanceledError' || (error.cause !== undefined && error.cause === reason)
}
