import type { Document } from 'mongodb'

/**
 * One write of a projection: the alias of a target and exactly one model of the driver's bulkWrite.
 * The models are the driver's own: https://www.mongodb.com/docs/drivers/node/current/crud/bulk-write/
 */
export type Write = WriteModel & {
  readonly target: string
  /** Set by the guards: how the write stays harmless when it comes again. Absent = not repeat-safe outside a transaction. */
  readonly guard?: Guard
}

export type WriteModel =
  | { readonly insertOne: { readonly document: Document } }
  | { readonly updateOne: UpdateModel }
  | { readonly updateMany: UpdateModel }
  | { readonly replaceOne: { readonly filter: Document; readonly replacement: Document; readonly upsert?: boolean } }
  | { readonly deleteOne: { readonly filter: Document } }

export interface UpdateModel {
  readonly filter: Document
  readonly update: Document | readonly Document[]
  readonly upsert?: boolean
}

export interface Guard {
  readonly kind:
    | 'ordered'
    | 'last'
    | 'insertOnce'
    | 'transition'
    | 'expectedVersion'
    | 'upsertProjection'
    | 'oncePerChange'
    | 'unguarded'
  /** The filter without the guard's own condition: tells "applied before" from "no such target". */
  readonly filter: Document
}
