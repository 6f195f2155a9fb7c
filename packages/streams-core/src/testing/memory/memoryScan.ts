import type { Change } from '../../change.js'
import { type Scanning, behindDocument, behindDocuments } from '../../core/backfill.js'
import type { Match } from '../../core/clientMatch.js'
import { orderedKey } from '../../core/orderedKey.js'
import { type ClusterTime, type Position, compareTimes } from '../../core/position.js'
import type { Delivered, DocumentScan } from '../../ports.js'

export interface Written {
  readonly position: Position
  readonly change: Change
}

/** All that was ever written, and which inserts the stream's pipeline lets through. */
interface Watched {
  readonly written: readonly Written[]
  readonly match: Match
}

// Few, so that a test's handful of documents comes in several pieces.
const rangeSize = 2

/** Existing documents behind `from`, as of `now`, or as of when those before were read. */
export function memoryScan({ written, match }: Watched, from: Scanning, now: ClusterTime): DocumentScan {
  const at = from.backfill.at ?? now
  const { last } = from.backfill
  const left = documentsAt(written, at).filter(({ key }) => last === null || key > orderedKey(last.id))
  let position = from

  return {
    async next(signal) {
      signal.throwIfAborted()
      const documents = left.splice(0, rangeSize).flatMap(({ id, change }) => {
        const insert = asInsert(change, from)
        const isSeen = match(insert.change) !== false
        position = behindDocument(position, id, at, isSeen)
        return isSeen ? [asInsert(change, position)] : []
      })
      return left.length > 0
        ? { documents, position, done: false }
        : { documents, position: behindDocuments(position, at), done: true }
    },
    async [Symbol.asyncDispose]() {},
  }
}

/** The document of a position inside a backfill as it is now. */
export function memoryDocument({ written, match }: Watched, at: Scanning, now: ClusterTime): Delivered | null {
  const key = orderedKey(at.backfill.last?.id)
  const found = documentsAt(written, now).find((document) => document.key === key)
  const insert = found === undefined ? null : asInsert(found.change, at)
  return insert !== null && match(insert.change) !== false ? insert : null
}

function documentsAt(written: readonly Written[], at: ClusterTime) {
  const documents = new Map<string, { readonly key: string; readonly id: unknown; readonly change: Change }>()
  for (const { position, change } of written) {
    if (change.documentKey === undefined || compareTimes(position.clusterTime, at) > 0) continue
    const id = change.documentKey._id
    const key = orderedKey(id)
    if (change.operationType === 'delete') documents.delete(key)
    else documents.set(key, { key, id, change })
  }
  return [...documents.values()].sort((a, b) => (a.key < b.key ? -1 : 1))
}

function asInsert({ ns, documentKey, fullDocument, clusterTime }: Change, position: Position): Delivered {
  const change = { _id: { _data: position.token }, operationType: 'insert', clusterTime, ns, documentKey, fullDocument } as Change
  return { change, position, bytes: 100 }
}
