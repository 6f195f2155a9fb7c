import type { Document } from 'mongodb'
import type { Write } from '../write.js'
import { type GuardContext, type GuardOptions, guardedWrite } from './guardedUpdate.js'
import { refusal } from './refusal.js'

export interface GuardedIncOptions extends GuardOptions {
  /** What is added, by field: numbers, or the driver's Long, Int32, Double, Decimal128. */
  readonly inc: Document
  /** Fields set in the same update. */
  readonly set?: Document
}

/**
 * Adds to fields of one document, once however often the change comes: see {@link guardedUpdate}.
 * @throws {StreamError} INVALID_OPTIONS as guardedUpdate, and when `inc` names nothing or holds NaN or an infinity.
 */
export function guardedInc(context: GuardContext, { inc, set, ...options }: GuardedIncOptions): Write {
  const amounts = Object.entries(inc)
  if (amounts.length === 0) throw refusal('guardedInc', options.target, 'inc names no field.')
  for (const [name, amount] of amounts) {
    // One NaN would make the field NaN for ever.
    if (typeof amount === 'number' && !Number.isFinite(amount))
      throw refusal('guardedInc', options.target, `inc.${name} is not a finite number.`)
  }
  const update = set === undefined ? { $inc: inc } : { $inc: inc, $set: set }
  return guardedWrite('guardedInc', context, { ...options, update })
}
