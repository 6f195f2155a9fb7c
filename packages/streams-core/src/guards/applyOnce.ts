import type { ClientSession } from 'mongodb'
import { type LendingContext, lending } from '../core/lending.js'
import type { Context } from '../stream.js'
import { type LedgerContext, type LedgerEntry, type OncePerChangeOptions, ledgerEntry } from './oncePerChange.js'

/** What `applyOnce` reads of a handler's context. */
export type ApplyOnceContext = LedgerContext & Pick<Context, 'target' | 'session'>

/**
 * Does the effect of a change once: in one transaction with the change's entry in a ledger, so that either both are there or neither.
 * The effect gets the context with the transaction's session: what it writes with `apply`, or with that session, belongs to it, needs no
 * guard, and must be behind the ledger's client. It may run several times before it counts (the driver's withTransaction), so it does
 * nothing but write there. The collections have to exist before: name them in `targets`.
 * @returns `duplicate` when the ledger has the change: the effect was not run.
 * @throws {StreamError} INVALID_OPTIONS for `undefined`; otherwise what the effect throws, and the driver's own errors.
 */
export async function applyOnce<C extends ApplyOnceContext>(
  context: C,
  { ledger }: OncePerChangeOptions,
  effect: (context: C & { readonly session: ClientSession }) => Promise<void>,
): Promise<'applied' | 'duplicate'> {
  const { _id, at } = ledgerEntry(context, ledger)
  const collection = context.target<LedgerEntry>(ledger)
  const within = async (session: ClientSession) => {
    // An upsert, because a duplicate key would abort the transaction, which may be the caller's.
    const { upsertedCount } = await collection.updateOne({ _id }, { $setOnInsert: { at } }, { upsert: true, session })
    if (upsertedCount === 0) return 'duplicate'
    await effect(inSession(context, session))
    return 'applied'
  }
  if (context.session?.inTransaction() === true) return await within(context.session)
  const transaction = (session: ClientSession) =>
    session.withTransaction(() => within(session), {
      readPreference: 'primary',
      readConcern: { level: 'majority' },
      writeConcern: { w: 'majority', j: true },
    })
  const { client } = collection.db
  const lender = (context as LendingContext)[lending]
  const lent = lender?.lend(client)
  if (lent == null) return await client.withSession(transaction)
  try {
    return await transaction(lent)
  } finally {
    lender?.giveBack(lent)
  }
}

/** The same context with a session. Not a copy: the engine's contexts make what they have when it is asked for, and a spread would have nothing. */
function inSession<C extends object>(context: C, session: ClientSession): C & { readonly session: ClientSession } {
  return new Proxy(context, {
    get: (of, name): unknown => (name === 'session' ? session : Reflect.get(of, name)),
    has: (of, name) => name === 'session' || Reflect.has(of, name),
  }) as C & { readonly session: ClientSession }
}
