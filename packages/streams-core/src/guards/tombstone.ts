import type { Document } from 'mongodb'

/** The field of a deleted projection: the time of the delete, a date. */
export const tombstone = 'tombstone'

/** The filter of readers of a projection that was written with `upsertProjection`: without what was deleted. */
export function alive(filter: Document = {}): Document {
  return { $and: [filter, { [tombstone]: null }] }
}
