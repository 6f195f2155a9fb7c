import type { Document } from 'mongodb'
import type { Write } from '../write.js'
import { refuseInexactKey, refuseOddNames } from './exactKey.js'
import { refusal, refuseUndefined } from './refusal.js'

export interface InsertOnceOptions {
  readonly target: string
  /** The fields and values that make the document the same one, e.g. `{ nombre }`; default `{ _id }`. They need a unique index. */
  readonly key?: Document
  /** Inserted when no document has the key's values; its `_id` is the server's when absent. */
  readonly document: Document
}

/**
 * Inserts a document unless one with the same key is there, and never changes an existing one: an upsert with `$setOnInsert`,
 * because a duplicate key would abort a transaction (design.md §2) and a plain insert cannot be repeated.
 * @throws {StreamError} INVALID_OPTIONS when the document lacks a field of the key, or for `undefined` anywhere.
 */
export function insertOnce({ target, key: given, document }: InsertOnceOptions): Write {
  const key: Document = given ?? ('_id' in document ? { _id: document._id as unknown } : {})
  refuseUndefined('insertOnce', target, { key, document })
  refuseInexactKey('insertOnce', target, key, document)
  const missing = Object.keys(key).find((name) => !(name in document))
  if (missing !== undefined) throw refusal('insertOnce', target, `the document has no field "${missing}", which is in the key.`)
  refuseOddNames('insertOnce', target, document)
  return {
    target,
    updateOne: { filter: key, update: { $setOnInsert: document }, upsert: true },
    guard: { kind: 'insertOnce', filter: key },
  }
}
