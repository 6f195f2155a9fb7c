import { isDeepStrictEqual } from 'node:util'
import type { Document } from 'mongodb'
import { refusal } from './refusal.js'

/**
 * Refuses a key that an upsert would not find again: then it would insert the document once more at each repeat.
 * @throws {StreamError} INVALID_OPTIONS
 */
export function refuseInexactKey(guard: string, target: string, key: Document, document: Document): void {
  if (Object.keys(key).length === 0) throw refusal(guard, target, 'the document has no _id and no other key is given.')
  for (const [name, value] of Object.entries(key)) {
    if (!isExact(value))
      throw refusal(guard, target, `key.${name} must be one value: not null, an array, a pattern or an operator.`)
    if (name in document && !isSame(value, document[name]))
      throw refusal(guard, target, `key.${name} is not the document's "${name}".`)
  }
}

/** @throws {StreamError} INVALID_OPTIONS for names of fields that an upsert would read as paths or operators */
export function refuseOddNames(guard: string, target: string, document: Document): void {
  for (const name of Object.keys(document)) {
    if (name === '' || name.startsWith('$') || name.includes('.'))
      throw refusal(guard, target, `"${name}" cannot be a field of an upsert: it is empty, has a dot, or starts with $.`)
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
