import type { Change } from '@boletia/streams-core'
import { type Document, ObjectId, Timestamp } from 'mongodb'

// Changes as the server reports them, for tests that need no server.
export const token = '826B01A3000000012B0229296E04'
const base = { _id: { _data: token }, clusterTime: new Timestamp({ t: 1_795_000_000, i: 1 }), ns: { db: 'boletia', coll: 'x' } }

export function inserted<T extends Document>(fullDocument: T): Change<T> {
  return { ...base, operationType: 'insert', documentKey: { _id: fullDocument['_id'] }, fullDocument }
}

/** `fullDocument` is what updateLookup found: the document as it is by then, or null. */
export function updated<T extends Document>(updatedFields: Document, fullDocument: T | null): Change<T> {
  const documentKey = { _id: fullDocument === null ? new ObjectId() : fullDocument['_id'] }
  return {
    ...base,
    operationType: 'update',
    documentKey,
    fullDocument,
    updateDescription: { updatedFields: updatedFields as T, removedFields: [], truncatedArrays: [] },
  }
}

export function deleted<T extends Document>(): Change<T> {
  return { ...base, operationType: 'delete', documentKey: { _id: new ObjectId() } }
}
