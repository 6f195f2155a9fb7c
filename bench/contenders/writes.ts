import { guardedInc } from '@boletia/streams-core/guards'
import type { Document } from 'mongodb'

/**
 * How many target documents there are where others write too, and how many of them those others write; for how long a writer opens
 * connections and is compiled, which is no customer's waiting time.
 */
export const contended = { targets: 2000, hot: 200, warmMs: 700 } as const

export interface Upsert {
  readonly filter: Document
  readonly update: Document
  readonly upsert: boolean
}

/** The write of one change where nobody else writes: the same for every contender. */
export const upsertOf = (document: Document): Upsert => ({
  filter: { _id: document._id as unknown },
  update: { $set: { evento: document.evento as unknown, cantidad: document.cantidad as unknown, at: document.at as unknown } },
  upsert: true,
})

/** The write of one change where others write: counts it, once by its token, in the document of its `evento`. */
export const countOf = (context: { readonly stream: string; readonly token: string }, document: Document) =>
  guardedInc(context, { target: 'target', filter: { _id: document.evento as unknown }, inc: { counted: 1 } })
