/**
 * Thrown by a handler or a projection: this change will never succeed, so no more attempts are made and the stream's `onError` decides.
 * `reason` is for operators: keep personal data out. The second argument takes what was caught as `cause`.
 */
export class DeadLetterError extends Error {
  override readonly name = 'DeadLetterError'
}
