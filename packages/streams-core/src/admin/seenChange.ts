import type { Document } from 'mongodb'
import { decodeToken } from '../core/decodeToken.js'
import { type Position, compareTokens } from '../core/position.js'
import type { Viewpoint } from '../mongo/look.js'
import { plainDocument } from '../mongo/plainDocument.js'
import { ownPosition } from '../mongo/resumeToken.js'
import { StreamError } from '../streamError.js'
import type { Registered } from './registry.js'
import type { ChangeSample } from './types.js'

/** A change as it is looked at. */
export interface SeenChange extends ChangeSample {
  /** At or before the saved position: it was handled, skipped or parked. */
  readonly settled: boolean
  /** The whole change in relaxed Extended JSON, personal data and all; null unless it was asked for. */
  readonly payload: Readonly<Record<string, unknown>> | null
}

/** A stream's view, without the content of its changes unless it is asked for: the pipeline may need it, the wire does not. */
export function seeing(view: Viewpoint, payload: boolean): Viewpoint {
  return payload ? view : { ...view, pipeline: [...view.pipeline, { $project: { _id: 1, operationType: 1 } }] }
}

export function seenChange(change: Document, saved: Position | null, payload: boolean): SeenChange {
  const { token, typeBits, clusterTime } = ownPosition(change['_id'])
  const { _id, ...content } = change
  return {
    token,
    clusterTime,
    operationType: String(change['operationType']),
    documentKey: decodeToken(token, typeBits).documentKey,
    settled: saved !== null && compareTokens(token, saved.token) <= 0,
    payload: payload ? plainDocument(content) : null,
  }
}

/** @throws {StreamError} UNKNOWN_STREAM: without a definition nobody knows what the stream watches */
export function requireDefined({ name, stream }: Registered): void {
  if (stream !== null) return
  throw new StreamError(
    'UNKNOWN_STREAM',
    `stream ${name} is saved but not defined: nobody knows what it watches; add it to the config`,
    {
      details: { stream: name, why: 'Its changes can only be looked at through its definition.' },
    },
  )
}
