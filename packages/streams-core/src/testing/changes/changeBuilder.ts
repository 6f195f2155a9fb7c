import { randomUUID } from 'node:crypto'
import { type Document, Timestamp } from 'mongodb'
import type { ChangeBase, DeleteChange, InsertChange, ReplaceChange, UpdateChange } from '../../change.js'
import type { ClusterTime } from '../../core/position.js'
import { StreamError } from '../../streamError.js'
import { appliedUpdate } from './appliedUpdate.js'
import { eventToken } from './madeToken.js'

export interface ChangeBuilderOptions {
  /** Where the changes happen; default `test.things`. */
  readonly database?: string
  readonly collection?: string
  /** The server's time before the first one; each is an ordinal later than the one before. Default 2026-01-01. */
  readonly at?: Date | ClusterTime
}

export interface UpdateOptions<T extends Document> {
  /** Names of the fields that the update removed. */
  readonly unset?: readonly string[]
  /**
   * What updateLookup found, if not the document as this update left it: a later state, or null where it was deleted since.
   * `undefined` (given): the stream has no lookup, the field is missing.
   */
  readonly fullDocument?: T | null | undefined
  /** With the pre-image, as of a stream on a collection that keeps them. */
  readonly before?: boolean
}

/**
 * Makes changes as the server reports them, for tests that need no server: with every field that a change of its kind has, tokens that rise in the order of
 * making and decode (`boletia-streams token decode`), and the cluster time that is in them.
 */
export interface ChangeBuilder<T extends Document = Document> {
  insert(document: T): InsertChange<T>
  /** An update of `document` (as it was before) that set `updatedFields`; names may be paths. `null`: of a document of which only its `_id` is known. */
  update(document: T, updatedFields: Partial<T> & Document, options?: UpdateOptions<T>): UpdateChange<T>
  replace(document: T, by: T, options?: Pick<UpdateOptions<T>, 'fullDocument' | 'before'>): ReplaceChange<T>
  /** `document`: as it was, or no more of it than its `_id`. */
  delete(document: T | { readonly _id: T['_id'] }, options?: Pick<UpdateOptions<T>, 'before'>): DeleteChange
  /** What is made in here is one transaction: one cluster time, and the order in it in the tokens. */
  transaction<R>(make: () => R): R
  /** Changes of another collection of the same database, between these ones. */
  of<U extends Document = Document>(collection: string): ChangeBuilder<U>
}

interface Timeline {
  time: ClusterTime
  /** Of the change to come; null outside of a transaction. */
  txnOpIndex: number | null
  txnNumber: number
}

/** @see ChangeBuilder. Two of them begin at the same time; for one order over several collections use `of`. */
export function changeBuilder<T extends Document = Document>({
  database = 'test',
  collection = 'things',
  at = new Date('2026-01-01T00:00:00Z'),
}: ChangeBuilderOptions = {}): ChangeBuilder<T> {
  const time = at instanceof Date ? { t: Math.floor(at.getTime() / 1000), i: 0 } : at
  const line: Timeline = { time, txnOpIndex: null, txnNumber: 0 }
  return builder<T>(database, collection, line)
}

function builder<T extends Document>(db: string, coll: string, line: Timeline): ChangeBuilder<T> {
  const uuid = randomUUID().replaceAll('-', '')

  function base(document: Document) {
    const _id: unknown = document['_id']
    if (_id === undefined)
      throw new StreamError(
        'INVALID_OPTIONS',
        `a change needs a document with an _id; got the fields ${Object.keys(document).join(', ') || '(none)'}`,
      )
    if (line.txnOpIndex === null || line.txnOpIndex === 0) line.time = { t: line.time.t, i: line.time.i + 1 }
    const { time, txnNumber } = line
    const txnOpIndex = line.txnOpIndex ?? 0
    if (line.txnOpIndex !== null) line.txnOpIndex += 1
    const documentKey = { _id: _id as string }
    return {
      _id: { _data: eventToken({ clusterTime: time, txnOpIndex, uuid, documentKey }) },
      clusterTime: new Timestamp(time),
      wallTime: new Date(time.t * 1000),
      ns: { db, coll },
      documentKey,
      ...(line.txnOpIndex !== null && { lsid: { id: 'a session' }, txnNumber }),
    } satisfies ChangeBase
  }

  const images = (before: Document, kept: boolean | undefined) => kept === true && { fullDocumentBeforeChange: before as T }

  return {
    insert: (document) => ({ ...base(document), operationType: 'insert', fullDocument: document }),

    update(document, updatedFields, options = {}) {
      const { unset = [], before } = options
      const now = 'fullDocument' in options ? options.fullDocument : (appliedUpdate(document, updatedFields, unset) as T)
      return {
        ...base(document),
        operationType: 'update',
        updateDescription: { updatedFields, removedFields: [...unset], truncatedArrays: [] },
        ...(now !== undefined && { fullDocument: now }),
        ...images(document, before),
      } as unknown as UpdateChange<T>
    },

    replace(document, by, options = {}) {
      const now = 'fullDocument' in options ? options.fullDocument : by
      return {
        ...base(document),
        operationType: 'replace',
        ...(now !== undefined && { fullDocument: now }),
        ...images(document, options.before),
      } as unknown as ReplaceChange<T>
    },

    delete: (document, { before } = {}) => ({ ...base(document), operationType: 'delete', ...images(document, before) }),

    transaction(make) {
      line.txnOpIndex = 0
      line.txnNumber += 1
      try {
        return make()
      } finally {
        line.txnOpIndex = null
      }
    },

    of: (collection) => builder(db, collection, line),
  }
}
