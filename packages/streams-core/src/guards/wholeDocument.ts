import type { Document } from 'mongodb'
import { refuseInexactKey, refuseOddNames } from './exactKey.js'
import { refusal } from './refusal.js'

export interface WholeDocumentOptions {
  readonly key: Document
  readonly document: Document
  /** Top-level fields that stay as they are in the target. */
  readonly keep: readonly string[]
  /** Top-level fields in which the guard keeps what it needs: the document may not have them. */
  readonly own: readonly string[]
}

/**
 * The expression of an update pipeline that replaces a document: what is not in `document` goes, but for `_id` and the fields that
 * are kept. A kept field that the target does not have yet begins with the document's value.
 * @throws {StreamError} INVALID_OPTIONS
 */
export function wholeDocument(guard: string, target: string, { key, document, keep, own }: WholeDocumentOptions): Document {
  refuseInexactKey(guard, target, key, document)
  refuseOddNames(guard, target, { ...key, ...document })
  refuseOddNames(guard, target, Object.fromEntries(keep.map((name) => [name, true])))
  const taken = own.find((name) => name in document || name in key || keep.includes(name))
  if (taken !== undefined)
    throw refusal(guard, target, `"${taken}" is where the guard keeps what it needs; leave it out, or give another \`field\`.`)
  const kept = new Set(['_id', ...keep, ...own])
  return {
    $mergeObjects: [
      // Literally: "$precio" in a document is a text, not the field precio.
      { $literal: { ...document, ...key } },
      // A field that is missing in the target is left out here.
      Object.fromEntries([...kept].map((name) => [name, `$${name}`])),
    ],
  }
}
