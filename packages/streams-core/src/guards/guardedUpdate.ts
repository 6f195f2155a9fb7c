import type { Document } from 'mongodb'
import type { Context } from '../stream.js'
import type { Write } from '../write.js'
import { guardField } from './guardField.js'
import { refuseEmptyFilter, refuseUndefined } from './refusal.js'
import { withToken } from './withToken.js'

/** What the ordered guards read of a handler's context. */
export type GuardContext = Pick<Context, 'stream' | 'token'>

export interface GuardOptions {
  /** Alias of one of the stream's `targets`. */
  readonly target: string
  /** The document that the change belongs to; kept whole, the guard's condition is added beside it. */
  readonly filter: Document
  /** Where the token is kept in the target. Default `tokens.<stream>`. */
  readonly field?: string
  /**
   * `ordered` (default): applied only where the stored token is absent or lower than the change's, so any replay is harmless.
   * `last`: applied where it differs, as the original service did; harmless only when the very last change comes again.
   * A projection's write with it is refused outside a transaction.
   */
  readonly mode?: 'ordered' | 'last'
}

export interface GuardedUpdateOptions extends GuardOptions {
  /** Update operators, or a pipeline of `$set`, `$addFields` and `$unset` stages. It may not write the guard's field. */
  readonly update: Document | readonly Document[]
}

/**
 * An update of one document that stays harmless when its change comes again: the document remembers the token of the last change
 * applied to it. The changes of one target document must arrive in stream order: the stream's `key` has to be the target's key.
 * Which repeats it survives: docs/idempotency.md.
 * @throws {StreamError} INVALID_OPTIONS for an empty filter, `undefined` anywhere, or an update that writes the guard's field.
 */
export function guardedUpdate(context: GuardContext, options: GuardedUpdateOptions): Write {
  return guardedWrite('guardedUpdate', context, options)
}

/** `guard` is the name that the caller knows, for its messages. */
export function guardedWrite(guard: string, context: GuardContext, options: GuardedUpdateOptions): Write {
  const { target, filter, mode = 'ordered' } = options
  refuseUndefined(guard, target, { filter, update: options.update, token: context.token })
  refuseEmptyFilter(guard, target, filter)
  const field = guardField(guard, target, context.stream, options.field)
  const update = withToken(guard, target, options.update, field, context.token)
  const condition =
    mode === 'last' ? { [field]: { $ne: context.token } } : { $or: [{ [field]: null }, { [field]: { $lt: context.token } }] }
  return {
    target,
    // $and keeps an $or or $and of the caller's filter apart from the guard's.
    updateOne: { filter: { $and: [filter, condition] }, update },
    guard: { kind: mode, filter },
  }
}
