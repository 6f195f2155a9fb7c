import type { Document, ObjectId, ResumeToken, Timestamp, UpdateDescription } from 'mongodb'

/** One change as the server reported it, told apart by `operationType`. `T` is the watched collection's document. */
export type Change<T extends Document = Document> =
  | InsertChange<T>
  | UpdateChange<T>
  | ReplaceChange<T>
  | DeleteChange
  | OtherChange

export interface ChangeBase {
  readonly _id: ResumeToken
  readonly clusterTime: Timestamp
  readonly wallTime?: Date
  readonly ns: { readonly db: string; readonly coll?: string }
  readonly documentKey?: { readonly _id: unknown; readonly [shardKey: string]: unknown }
  readonly lsid?: { readonly id: unknown }
  readonly txnNumber?: number
}

interface DocumentChange extends ChangeBase {
  /**
   * With its images it would have been over 16 MB, and this server cannot split it: `fullDocument` and `fullDocumentBeforeChange` are null, whether there was
   * a document or not; the rest is complete (docs/images.md).
   */
  readonly oversize?: true
  readonly ns: { readonly db: string; readonly coll: string }
  readonly documentKey: { readonly _id: ObjectId | string | number | object; readonly [shardKey: string]: unknown }
}

export interface InsertChange<T extends Document> extends DocumentChange {
  readonly operationType: 'insert'
  readonly fullDocument: T
}

/**
 * `fullDocument` is the document as it is *now* (updateLookup), not as it was: null after a delete, and two quick updates may
 * both show the second one's values. Decide on `updateDescription`, which is exact per change.
 */
export interface UpdateChange<T extends Document> extends DocumentChange {
  readonly operationType: 'update'
  readonly updateDescription: UpdateDescription<T> & { readonly updatedFields?: Partial<T> & Document }
  readonly fullDocument: T | null
  readonly fullDocumentBeforeChange?: T | null
}

export interface ReplaceChange<T extends Document> extends DocumentChange {
  readonly operationType: 'replace'
  readonly fullDocument: T | null
  readonly fullDocumentBeforeChange?: T | null
}

export interface DeleteChange extends DocumentChange {
  readonly operationType: 'delete'
  readonly fullDocument?: undefined
  readonly fullDocumentBeforeChange?: Document | null
}

/** Changes of the collection or database itself. `invalidate` is not handed over: `onInvalidate` decides. */
export interface OtherChange extends ChangeBase {
  readonly operationType:
    | 'drop'
    | 'rename'
    | 'dropDatabase'
    | 'create'
    | 'createIndexes'
    | 'dropIndexes'
    | 'modify'
    | 'shardCollection'
  readonly fullDocument?: undefined
}
