import { type ClientSession, type MongoClient, ObjectId } from 'mongodb'
import type { Position } from '../core/position.js'
import { ensureCollection } from './ensureCollection.js'
import { durableCollection } from './places.js'
import { type PositionDocument, fromPositionDocument, toPositionDocument } from './positionDocument.js'

/** `pause`, `resume` and `discard` move nothing: before and after are the same. */
export type HistoryAction =
  | 'reset'
  | 'reset-token'
  | 'start'
  | 'adopt'
  | 'history-lost'
  | 'backfill'
  | 'pause'
  | 'resume'
  | 'delete'
  | 'import'
  | 'discard'
  | 'redrive'
  | 'skip'

/** Who moved which position, when and why. Rows are only ever added. */
export interface HistoryRow {
  readonly stream: string
  readonly action: HistoryAction
  readonly by: string
  readonly reason: string | null
  readonly before: Position | null
  /** Null: it was forgotten. */
  readonly after: Position | null
  readonly rev: number
}

export interface HistoryStore {
  /** Creates the collection and its index; before a transaction, because inside one that would conflict. */
  ensure(): Promise<void>
  /** With a session: in its transaction, so that no position moves without its row. `at` is the server's time. */
  add(row: HistoryRow, session?: ClientSession): Promise<void>
  /** The newest first. */
  list(stream: string, limit: number): Promise<readonly (HistoryRow & { readonly at: Date })[]>
}

interface HistoryDocument extends Omit<HistoryRow, 'before' | 'after'> {
  readonly _id: ObjectId
  readonly v: number
  readonly at: Date
  readonly before: PositionDocument | null
  readonly after: PositionDocument | null
}

/** In `<state collection>.history`, beside the checkpoints. */
export function mongoHistoryStore({
  client,
  database,
  collection,
}: {
  client: MongoClient
  database: string
  collection: string
}): HistoryStore {
  const name = `${collection}.history`
  const rows = durableCollection<HistoryDocument>(client, database, name)
  return {
    async ensure() {
      await ensureCollection(client.db(database), name)
      await rows.createIndex({ stream: 1, at: -1 })
    },

    async add({ before, after, ...rest }, session) {
      const row = { v: 1, ...rest, before: before && toPositionDocument(before), after: after && toPositionDocument(after) }
      // An upsert, because only an update can ask for the server's time.
      const options = { upsert: true, ...(session && { session }) }
      await rows.updateOne({ _id: new ObjectId() }, { $setOnInsert: row, $currentDate: { at: true } }, options)
    },

    async list(stream, limit) {
      const found = await rows.find({ stream }, { sort: { at: -1, _id: -1 }, limit }).toArray()
      return found.map(({ stream, action, by, reason, before, after, rev, at }) => ({
        stream,
        action,
        by,
        reason,
        before: before && fromPositionDocument(before),
        after: after && fromPositionDocument(after),
        rev,
        at,
      }))
    },
  }
}
