import type { Document } from 'mongodb'
import type { Write } from '../write.js'
import { pathsOverlap } from './guardField.js'
import { refusal, refuseEmptyFilter, refuseUndefined } from './refusal.js'

type State = string | number | boolean

export interface TransitionOptions {
  readonly target: string
  /** Which document (or documents, with `many`); the condition on the state is added beside it. */
  readonly filter: Document
  /** Where the state is kept. Default `state`. */
  readonly field?: string
  readonly from: State
  readonly to: State
  /** Fields set together with the state. */
  readonly set?: Document
  /** Every document of the filter that is in `from`: a mass update, which the engine runs outside transactions (protocol rule 16). */
  readonly many?: boolean
}

/**
 * Moves a document from one state to another, and only from that one: a repeat finds nothing left to do.
 * Enough as long as no later change brings the document back into `from`; otherwise use guardedUpdate (docs/idempotency.md).
 * @throws {StreamError} INVALID_OPTIONS for `undefined`, an empty filter of a single update, or a filter or `set` that names the state.
 */
export function transition({ target, filter, field = 'state', from, to, set = {}, many = false }: TransitionOptions): Write {
  refuseUndefined('transition', target, { filter, from, to, set })
  if (!many) refuseEmptyFilter('transition', target, filter)
  if (from === to) throw refusal('transition', target, '`from` and `to` are the same state: a repeat would be applied again.')
  // Else "already done" could not be told from "no such document".
  if (Object.keys(filter).some((path) => pathsOverlap(path, field)))
    throw refusal('transition', target, `filter names "${field}"; \`from\` is that condition.`)
  if (Object.keys(set).some((path) => pathsOverlap(path, field)))
    throw refusal('transition', target, `set names "${field}"; \`to\` is that value.`)
  const model = { filter: { $and: [filter, { [field]: from }] }, update: { $set: { ...set, [field]: to } } }
  const guard = { kind: 'transition', filter } as const
  return many ? { target, updateMany: model, guard } : { target, updateOne: model, guard }
}
