import type { Document } from 'mongodb'
import { documentIds } from '../mongo/documentIds.js'
import type { Viewpoint } from '../mongo/look.js'
import type { ReplayRequest } from './types.js'

/** A stream's view, narrowed to one document or some operations. Before the stream's own pipeline, which may hide what is asked for. */
export function replayView(view: Viewpoint, { doc, op }: Pick<ReplayRequest, 'doc' | 'op'>): Viewpoint {
  const match: Document = {
    ...(doc !== undefined && { 'documentKey._id': { $in: documentIds(doc) } }),
    ...(op !== undefined && op.length > 0 && { operationType: { $in: [...op] } }),
  }
  return Object.keys(match).length === 0 ? view : { ...view, pipeline: [{ $match: match }, ...view.pipeline] }
}
