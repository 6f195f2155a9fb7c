import type { Document } from 'mongodb'
import { cameTooEarly } from '../core/refusedByGuard.js'
import type { Write } from '../write.js'
import { refuseInexactKey, refuseOddNames } from './exactKey.js'
import { plainPath, pathsOverlap } from './guardField.js'
import { refusal, refuseUndefined } from './refusal.js'
import { updateStages } from './updateStages.js'
import { type Update, updatePaths } from './updatePaths.js'
import { wholeDocument } from './wholeDocument.js'

export type ExpectedVersionOptions = {
  readonly target: string
  /** The fields and values that make the document the same one, e.g. `{ _id }`. They need a unique index. */
  readonly key: Document
  /** The version that this change makes of the document: a whole number. Applied only where the one before it is. */
  readonly version: number
  /** Where the version is kept. Default `version`. */
  readonly field?: string
  /** The number of a document's first version, which inserts it. Default 1. A document without a version counts as the one before. */
  readonly first?: number
} & (
  | {
      /** `$set`, `$inc` and `$unset` on paths without array indexes, or a pipeline of `$set`, `$addFields` and `$unset` stages. */
      readonly update: Update
      readonly document?: never
    }
  | {
      /** The whole document at this version; what is not in it goes. */
      readonly document: Document
      /** Top-level fields that stay as they are, e.g. `tokens` where other streams' guards keep theirs. */
      readonly keep?: readonly string[]
      readonly update?: never
    }
)

// Holds a copy of the document while a repeat runs through the stages; never stored.
const before = '_before'

/**
 * Applies version n of a document only on version n − 1. A version that is there already is a duplicate and changes nothing; one that
 * comes too early is refused by the server itself, so that a batch or transaction fails with it and nothing is lost: `apply` rejects
 * with a VersionTooEarlyError, which is worth another attempt (docs/idempotency.md).
 * @throws {StreamError} INVALID_OPTIONS for `undefined`, a version that is no whole number, or an update that writes the version.
 */
export function expectedVersion(options: ExpectedVersionOptions): Write {
  const { target, key, version, field = 'version', first = 1 } = options
  const refuse = (problem: string) => refusal('expectedVersion', target, problem)
  if (options.document !== undefined && options.update !== undefined)
    throw refuse('give the `document` or the `update`, not both.')
  refuseUndefined('expectedVersion', target, { key, version, first, [changeOf(options)]: options[changeOf(options)] })
  refuseInexactKey('expectedVersion', target, key, {})
  refuseOddNames('expectedVersion', target, key)
  if (!plainPath(field) || pathsOverlap(field, before)) throw refuse(`"${field}" cannot be the version's field.`)
  if (!Number.isSafeInteger(first) || !Number.isSafeInteger(version) || version < first)
    throw refuse(`version must be a whole number from ${first} on.`)

  const at = `$${field}`
  // Only numbers: in the server's order a text is greater than every number, and would be taken for a later version.
  const isThere = { $and: [{ $isNumber: at }, { $gte: [at, version] }] }
  const isNext = { $eq: [{ $ifNull: [at, first - 1] }, version - 1] }
  // No write model can say "fail unless"; a text that is no number does. A mere filter would leave the change out in silence, and an
  // upsert's 11000 would not tell a repeat from a gap.
  const fail = { $toInt: { $concat: [`expectedVersion: version ${version} ${cameTooEarly}, the document is at `, shown(at)] } }
  return {
    target,
    updateOne: {
      filter: key,
      update: [
        { $set: { [before]: { $cond: [isThere, '$$ROOT', { $cond: [isNext, '$$REMOVE', fail] }] } } },
        ...stagesOf(options, field),
        { $set: { [field]: version } },
        { $replaceWith: { $ifNull: [`$${before}`, '$$ROOT'] } },
      ],
      upsert: true,
    },
    guard: { kind: 'expectedVersion', filter: key },
  }
}

const changeOf = ({ document }: ExpectedVersionOptions) => (document === undefined ? 'update' : 'document')

const shown = (at: string) => ({ $convert: { input: at, to: 'string', onError: 'something else', onNull: 'no version' } })

function stagesOf({ target, key, version, ...change }: ExpectedVersionOptions, field: string): readonly Document[] {
  if (change.document === undefined) {
    if (
      updatePaths('expectedVersion', target, change.update).some(
        (path) => pathsOverlap(path, field) || pathsOverlap(path, before),
      )
    )
      throw refusal('expectedVersion', target, `the update writes "${field}", which the guard sets, or "${before}".`)
    return updateStages('expectedVersion', target, change.update)
  }
  const { document, keep = [] } = change
  if (field in document && document[field] !== version)
    throw refusal('expectedVersion', target, `the document's "${field}" is not \`version\`: it is another state of it.`)
  return [{ $replaceWith: wholeDocument('expectedVersion', target, { key, document, keep, own: [before] }) }]
}
