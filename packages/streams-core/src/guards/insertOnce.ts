import { isDeepStrictEqual } from 'node:util'
import type { Document } from 'mongodb'
import type { Write } from '../write.js'
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
  if (Object.keys(key).length === 0) throw refusal('insertOnce', target, 'the document has no _id and no other key is given.')
  for (const [name, value] of Object.entries(key)) {
    if (!isExact(value))
      throw refusal('insertOnce', target, `key.${name} must be one value: not null, an array, a pattern or an operator.`)
    if (!(name in document)) throw refusal('insertOnce', target, `the document has no field "${name}", which is in the key.`)
    // The upsert would insert a document that its own filter does not find, and insert it again the next time.
    if (!isSame(value, document[name])) throw refusal('insertOnce', target, `key.${name} is not the document's "${name}".`)
  }
  for (const name of Object.keys(document)) {
    if (name === '' || name.startsWith('$') || name.includes('.')) {
      throw refusal('insertOnce', target, `"${name}" cannot be a field of an upsert: it is empty, has a dot, or starts with $.`)
    }
  }
  return {
    target,
    updateOne: { filter: key, update: { $setOnInsert: document }, upsert: true },
    guard: { kind: 'insertOnce', filter: key },
  }
}

/** A value that a filter compares for equality: null would also match a missing field, an array its elements. */
function isExact(value: unknown): boolean {
  if (value === null || Array.isArray(value) || value instanceof RegExp) return false
  if (typeof value !== 'object') return true
  if ('_bsontype' in value) return value._bsontype !== 'BSONRegExp'
  return !Object.keys(value).some((name) => name.startsWith('$'))
}

function isSame(a: unknown, b: unknown): boolean {
  const equals = (a as { readonly equals?: unknown }).equals
  return isDeepStrictEqual(a, b) || (typeof equals === 'function' && equals.call(a, b) === true)
}
