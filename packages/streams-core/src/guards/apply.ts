import type { AnyBulkWriteOperation, BulkWriteResult, ClientSession, Collection } from 'mongodb'
import type { Context } from '../stream.js'
import type { Guard, Write } from '../write.js'
import { refusal, refuseUndefined } from './refusal.js'
import { isVersionTooEarly, versionTooEarly } from './versionTooEarly.js'

/** What `apply` reads of a handler's context. */
export type ApplyContext = Pick<Context, 'target' | 'session'>

/** `duplicate`: done before; `noTarget`: no document matches the write's own filter. */
export type Applied = 'applied' | 'duplicate' | 'noTarget'

// They name a key and insert what is not there; what they find unchanged was done before.
const upserting: readonly (Guard['kind'] | undefined)[] = ['insertOnce', 'expectedVersion', 'upsertProjection']

/**
 * Does one write as an effect of `handle`, durably (`w: majority, j: true`), and tells what it found. In `context.session` when there is one.
 * A write without a guard is refused outside a transaction: mark it with `unguarded` when repeats are fine.
 * @throws {StreamError} INVALID_OPTIONS before anything is written; VersionTooEarlyError (see isVersionTooEarly) for an expectedVersion whose
 * document is not at the version before; otherwise the driver's own errors.
 */
export async function apply(context: ApplyContext, write: Write): Promise<Applied> {
  const { target, guard, ...model } = write
  refuseUndefined('apply', target, model)
  const { session } = context
  const inTransaction = session?.inTransaction() ?? false
  if (guard === undefined && !inTransaction) {
    throw refusal(
      'apply',
      target,
      'the write has no guard: a change that comes again would be applied again. Use a guard, or unguarded(write).',
    )
  }
  if (guard?.kind === 'oncePerChange')
    throw refusal('apply', target, 'an entry of the ledger alone would say that its change is done; in handle use applyOnce.')
  const upserts = upserting.includes(guard?.kind)
  const collection = context.target(target)
  const once = () => execute(collection, model, session, inTransaction)
  const result = await once()
    .catch((error: unknown) => {
      // Two upserts of one key can both decide to insert; the loser finds the winner's document at the second try. In a transaction
      // the error has aborted it: only the transaction as a whole can be tried again.
      if (upserts && isDuplicateKey(error) && !inTransaction) return once()
      throw error
    })
    .catch((error: unknown) => {
      throw guard?.kind === 'expectedVersion' && isVersionTooEarly(error) ? versionTooEarly(target, error) : error
    })
  if (result.insertedCount + result.upsertedCount + result.deletedCount > 0) return 'applied'
  if (upserts) return result.modifiedCount > 0 ? 'applied' : 'duplicate'
  if (result.matchedCount > 0) return 'applied'
  if (guard === undefined || guard.kind === 'unguarded') return 'noTarget'
  const found = await collection.findOne(guard.filter, {
    projection: { _id: 1 },
    // A secondary may not have the target yet.
    readPreference: 'primary',
    ...(session && { session }),
  })
  return found === null ? 'noTarget' : 'duplicate'
}

function execute(
  collection: Collection,
  model: AnyBulkWriteOperation,
  session: ClientSession | undefined,
  inTransaction: boolean,
): Promise<BulkWriteResult> {
  return collection.bulkWrite([model], {
    // A client with ignoreUndefined would widen filters (protocol rule 20).
    ignoreUndefined: false,
    ...(session && { session }),
    // A write concern belongs to the transaction as a whole: the server refuses one inside it.
    ...(!inTransaction && { writeConcern: { w: 'majority', j: true } }),
  })
}

function isDuplicateKey(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && error.code === 11000
}
