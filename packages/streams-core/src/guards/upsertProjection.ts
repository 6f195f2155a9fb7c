import type { Document } from 'mongodb'
import type { Context } from '../stream.js'
import type { Write } from '../write.js'
import { guardField } from './guardField.js'
import { refusal, refuseUndefined } from './refusal.js'
import { tombstone } from './tombstone.js'
import { wholeDocument } from './wholeDocument.js'

/** What upsertProjection reads of a handler's context. */
export type ProjectionContext = Pick<Context, 'stream' | 'token' | 'clusterTime'>

export interface UpsertProjectionOptions {
  readonly target: string
  /** The fields and values that make the document the same one; default `{ _id }` of `document`. They need a unique index. */
  readonly key?: Document
  /** The whole projected document: what is not in it goes. Null: it was deleted, and a tombstone stays. */
  readonly document: Document | null
  /** Top-level fields that other writers own: they stay as they are, also beneath a tombstone. */
  readonly keep?: readonly string[]
  /** Where the token is kept in the target. Default `tokens.<stream>`. */
  readonly field?: string
}

/**
 * Writes a document as this change leaves it, unless a newer change of the stream was written before: newest wins, in whatever order
 * the changes come. A delete leaves a tombstone with its token, or an older change that is delivered again would raise the dead
 * (protocol rule 23): readers leave tombstones out with `alive(filter)`.
 * @throws {StreamError} INVALID_OPTIONS for `undefined`, a key that is missing or not the document's, or a document with the guard's fields.
 */
export function upsertProjection(context: ProjectionContext, options: UpsertProjectionOptions): Write {
  const { target, document, keep = [] } = options
  const key: Document = options.key ?? (document !== null && '_id' in document ? { _id: document._id as unknown } : {})
  refuseUndefined('upsertProjection', target, { key, document, token: context.token })
  const field = guardField('upsertProjection', target, context.stream, options.field)
  const [root] = field.split('.') as [string]
  if ([...keep, ...Object.keys(key), ...Object.keys(document ?? {}), root].includes(tombstone))
    throw refusal('upsertProjection', target, `"${tombstone}" marks deleted documents; give that field another name.`)
  // The time of the change itself, so that a repeat writes the same.
  const deletedAt = new Date(context.clusterTime.getHighBitsUnsigned() * 1000)
  const content = document ?? { [tombstone]: deletedAt }
  const whole = wholeDocument('upsertProjection', target, { key, document: content, keep, own: [root] })
  const stored = `$${field}`
  return {
    target,
    updateOne: {
      // The decision is not in the filter: where that did not match, the upsert would insert the document a second time (11000).
      filter: key,
      update: [
        { $replaceWith: { $cond: [{ $gte: [stored, context.token] }, '$$ROOT', whole] } },
        { $set: { [field]: { $max: [stored, context.token] } } },
      ],
      upsert: true,
    },
    guard: { kind: 'upsertProjection', filter: key },
  }
}
