import { BSON, type Document, type Filter } from 'mongodb'
import type { ClusterTime } from '../core/position.js'
import { documentIds } from './documentIds.js'
import type { LetterDocument, LetterError, LetterFacts, RedriveMark } from './deadLetterStore.js'
import { plainDocument } from './plainDocument.js'
import { fromTimestamp } from './positionDocument.js'
import { type ResolvedPlaces, durableCollection } from './places.js'

/** Which letters of a stream are meant; what is not given does not matter. */
export interface LetterFilter {
  readonly ids?: readonly string[]
  /** Name or code of the error. */
  readonly error?: string
  /** The changed document's `_id`: as text, 24 hex digits, or Extended JSON. */
  readonly doc?: string
  /** Put aside since. */
  readonly since?: Date
  readonly limit?: number
}

/** A parked or held change, as JSON can say it. */
export interface Letter extends LetterFacts {
  readonly id: string
  readonly token: string
  readonly clusterTime: ClusterTime
  /** Relaxed Extended JSON, like `payload`. */
  readonly documentId: unknown
  readonly error: (LetterError & { readonly message: string | null }) | null
  /** What failed each time that it was put back. */
  readonly failures: readonly { readonly name: string; readonly code: string | null; readonly at: Date }[]
  readonly expiresAt: Date | null
  readonly redrive: RedriveMark | null
  readonly payload: Readonly<Record<string, unknown>> | null
}

/** What operators do with dead letters. */
export interface LetterDesk {
  /** In stream order. */
  find(stream: string, filter: LetterFilter): Promise<readonly Letter[]>
  /** Marks whole keys. Gives how many letters they have. */
  mark(stream: string, keys: readonly string[], by: string, reason: string | null): Promise<number>
  /** Gives how many letters these keys have. */
  count(stream: string, keys: readonly string[]): Promise<number>
  discard(ids: readonly string[]): Promise<number>
}

export function letterDesk({ client, database, collection }: ResolvedPlaces['state']): LetterDesk {
  const letters = durableCollection<LetterDocument>(client, database, `${collection}.deadLetters`)
  const ofKeys = (stream: string, keys: readonly string[]) => ({ stream, key: { $in: [...keys] } })
  return {
    async find(stream, { limit, ...filter }) {
      const options = { sort: { token: 1 }, ...(limit !== undefined && { limit }) } as const
      const found = await letters.find(queryOf(stream, filter), options).toArray()
      return found.map(letterOf)
    },

    async mark(stream, keys, by, reason) {
      const redrive = { $literal: { by, reason } }
      const marked = [{ $set: { redrive: { $mergeObjects: [redrive, { at: '$$NOW' }] } } }]
      return (await letters.updateMany(ofKeys(stream, keys), marked)).matchedCount
    },

    count: async (stream, keys) => await letters.countDocuments(ofKeys(stream, keys)),

    discard: async (ids) => (await letters.deleteMany({ _id: { $in: [...ids] } })).deletedCount,
  }
}

function letterOf(found: LetterDocument): Letter {
  const { _id, stream, key, state, token, operationType, documentId, error, attempts, failures, parkedAt, payload } = found
  return {
    id: _id,
    stream,
    key,
    state,
    token,
    clusterTime: fromTimestamp(found.clusterTime),
    operationType,
    documentId: plainDocument({ documentId })['documentId'],
    error: error && { name: error.name, code: error.code, class: error.class, message: error.message ?? null },
    attempts,
    failures: failures.map(({ name, code, at }) => ({ name: name as string, code: code as string | null, at: at as Date })),
    parkedAt,
    expiresAt: found.expiresAt ?? null,
    redrive: found.redrive ?? null,
    payload: payload === undefined ? null : plainDocument(BSON.deserialize(payload.change.value())),
  }
}

function queryOf(stream: string, { ids, error, doc, since }: LetterFilter): Filter<LetterDocument> {
  const query: Document = { stream }
  if (ids !== undefined && ids.length > 0) query['_id'] = { $in: [...ids] }
  if (error !== undefined) query['$or'] = [{ 'error.name': error }, { 'error.code': error }]
  if (doc !== undefined) query['documentId'] = { $in: documentIds(doc) }
  if (since !== undefined) query['parkedAt'] = { $gte: since }
  return query
}
