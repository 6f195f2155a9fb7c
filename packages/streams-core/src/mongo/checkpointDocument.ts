import type { Binary, Timestamp } from 'mongodb'
import type { Gap, Position, SkippedInterval } from '../core/position.js'
import type { Checkpoint, SavedError } from '../ports.js'
import { StreamError } from '../streamError.js'
import {
  type PositionDocument,
  fromPositionDocument,
  fromTimestamp,
  toPositionDocument,
  toTimestamp,
} from './positionDocument.js'

/** The schema of the saved state; raised when an older program could misread a newer document. */
export const stateVersion = 1

interface GapDocument {
  readonly from: Timestamp
  readonly to: Timestamp | null
  readonly at: Date
}

export const toGapDocument = ({ from, to, at }: Gap): GapDocument => ({ from: toTimestamp(from), to: to && toTimestamp(to), at })

/** One document of the `stream` collection. The position's fields lie at the top, where older readers look for `token`. */
export interface CheckpointDocument {
  readonly _id: string
  readonly v: number
  readonly token?: string
  readonly typeBits?: Binary
  readonly clusterTime?: Timestamp
  readonly by?: 'own' | 'foreign'
  readonly backfill?: PositionDocument['backfill']
  readonly epoch: number
  readonly rev: number
  readonly fingerprint?: string | null
  readonly uuid?: string | null
  readonly highest?: string | null
  readonly skipped?: readonly SkippedInterval[]
  readonly gaps?: readonly GapDocument[]
  readonly previous?: PositionDocument | null
  readonly owner?: string | null
  readonly restarts?: number
  /** The token was not kept from the beginning on. */
  readonly lastError?: (Omit<SavedError, 'token'> & Partial<Pick<SavedError, 'token'>>) | null
  /** Absent before: then only an owner that did not release makes the next start unclean. */
  readonly inDoubt?: boolean
  /** Why an operator has paused it. */
  readonly paused?: string | null
  /** When it goes on by itself; null: when an operator says so. */
  readonly pausedUntil?: Date | null
  /** The worker that has stopped handing out because of this pause, and since when. */
  readonly pauseSeen?: { readonly by: string; readonly at: Date } | null
  readonly adopted?: { readonly token: string; readonly at: Date } | null
  readonly startedAt?: Date | null
  readonly updatedAt?: Date | null
  /** Last change of the position: `updatedAt` is also a sign of life without one. */
  readonly movedAt?: Date | null
  /** Token at which the last operator's move put the position: what lies between it and the position was settled since. */
  readonly resetTo?: string | null
}

/** The state of a stream that nothing was saved of, without its `_id`. */
export function firstDocument(at: Position): Omit<CheckpointDocument, '_id'> {
  return {
    v: stateVersion,
    ...toPositionDocument(at),
    epoch: 0,
    rev: 0,
    restarts: 0,
    skipped: [],
    previous: null,
    owner: null,
    paused: null,
    lastError: null,
    updatedAt: new Date(),
  }
}

/** @throws {StreamError} STATE_TOO_NEW for a document of a newer version */
export function fromCheckpointDocument(document: CheckpointDocument): Checkpoint {
  if (document.v > stateVersion) {
    throw new StreamError(
      'STATE_TOO_NEW',
      `stream ${document._id}: its state has version ${document.v}, this program knows up to ${stateVersion}; upgrade boletia-streams here`,
      { details: { stream: document._id, version: document.v } },
    )
  }
  const { token, clusterTime, by, typeBits, backfill } = document
  return {
    name: document._id,
    position:
      token === undefined || clusterTime === undefined || by === undefined
        ? null
        : fromPositionDocument({ token, clusterTime, by, ...(typeBits && { typeBits }), ...(backfill && { backfill }) }),
    epoch: document.epoch,
    rev: document.rev,
    fingerprint: document.fingerprint ?? null,
    uuid: document.uuid ?? null,
    highest: document.highest ?? null,
    skipped: document.skipped ?? [],
    gaps: (document.gaps ?? []).map(({ from, to, at }) => ({ from: fromTimestamp(from), to: to && fromTimestamp(to), at })),
    previous: document.previous ? fromPositionDocument(document.previous) : null,
    owner: document.owner ?? null,
    restarts: document.restarts ?? 0,
    lastError: document.lastError ? { ...document.lastError, token: document.lastError.token ?? null } : null,
    inDoubt: document.inDoubt ?? false,
    paused: document.paused ?? null,
    adopted: document.adopted ?? null,
    startedAt: document.startedAt ?? null,
    updatedAt: document.updatedAt ?? null,
  }
}
