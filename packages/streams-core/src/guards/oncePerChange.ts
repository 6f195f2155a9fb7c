import type { Document } from 'mongodb'
import type { Context } from '../stream.js'
import type { Write } from '../write.js'
import { refuseUndefined } from './refusal.js'

/** What the ledger's guards read of a handler's context. */
export type LedgerContext = Pick<Context, 'stream' | 'token'>

export interface OncePerChangeOptions {
  /** Alias of the target that is the ledger: a collection of its own, behind the same client as what the change writes. */
  readonly ledger: string
}

/** A change in the ledger. `at` is when it was written; with `ledgerExpiry` the server forgets it some time later. */
export interface LedgerEntry extends Document {
  readonly _id: { readonly stream: string; readonly token: string }
  readonly at: Date
}

/**
 * The entry of this change in a ledger, for `project`: return it beside the change's other writes, which then need no guard of their
 * own. It holds only where all of them are in one transaction; elsewhere the engine refuses it. A change that the ledger has is done
 * already: none of its writes is done again. In `handle` use `applyOnce`.
 * @throws {StreamError} INVALID_OPTIONS for `undefined`.
 */
export function oncePerChange(context: LedgerContext, { ledger }: OncePerChangeOptions): Write {
  const entry = ledgerEntry(context, ledger)
  return { target: ledger, insertOne: { document: entry }, guard: { kind: 'oncePerChange', filter: { _id: entry._id } } }
}

/** @throws {StreamError} INVALID_OPTIONS for `undefined` */
export function ledgerEntry({ stream, token }: LedgerContext, ledger: string): LedgerEntry {
  refuseUndefined('oncePerChange', ledger, { stream, token })
  return { _id: { stream, token }, at: new Date() }
}
