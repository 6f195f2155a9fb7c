import { BSON, type Document } from 'mongodb'
import { type Scanning, behindDocument, behindDocuments } from '../core/backfill.js'
import { errorNumber } from '../core/errorClass.js'
import type { ClusterTime, Position } from '../core/position.js'
import type { Change } from '../change.js'
import type { Delivered, DocumentScan, Scanned } from '../ports.js'
import { StreamError } from '../streamError.js'
import { orAborted } from './orAborted.js'
import { fromTimestamp, toTimestamp } from './positionDocument.js'
import { type Decode, changeDecoder } from './changeDecoder.js'
import type { Watchdog } from './watchdog.js'
import { type WatchedNamespace, killCursor, openCursor } from './watchedNamespace.js'

export interface ScannedPlace {
  readonly namespace: WatchedNamespace & { readonly collection: string }
  readonly pipeline: readonly Document[]
  readonly watchdog: Watchdog
}

// Documents of one range: small enough that a pipeline which lets few of them through still answers soon.
const rangeSize = 1000
// The server keeps a snapshot for minSnapshotHistoryWindowInSeconds, 300 by default; a new index of the collection ends it, too.
const snapshotGone = new Set([239, 246])

/**
 * Existing documents behind `from`, in the order of their `_id`s over all types. They are read as of one moment for as long as the server
 * keeps it, also after a crash; so it is known of each which live changes it contains.
 */
export function documentScan({ namespace, pipeline, watchdog }: ScannedPlace, from: Scanning): DocumentScan {
  const { client, database, collection } = namespace
  const decode = changeDecoder(client)
  const session = client.startSession({ causalConsistency: false })
  const shape = changeOf(namespace, from)
  let position = from
  /** As of when is read; null: the server says. */
  let at = from.backfill.at
  /** An open cursor, and the `_id` behind which nothing of its range is left. */
  let range: { batch: readonly Uint8Array[]; cursor: ReturnType<typeof openCursor> | null; upTo: { id: unknown } | null } | null =
    null

  let pending: Promise<Scanned> | null = null

  async function send(command: Document): Promise<Document> {
    return await watchdog.over(
      client.db(database).command(command, {
        session,
        readPreference: 'primary',
        fieldsAsRaw: { firstBatch: true, nextBatch: true },
        ...(client.options.timeoutMS !== undefined && { timeoutMS: 0 }),
      }),
    )
  }

  async function read(stages: readonly Document[]): Promise<{ batch: readonly Uint8Array[]; reply: Document }> {
    const reply = await send({
      aggregate: collection,
      pipeline: stages,
      cursor: { batchSize: rangeSize },
      // `_id`s are put in order by their bytes here, too.
      collation: { locale: 'simple' },
      readConcern: {
        level: 'snapshot',
        ...(at === null ? { afterClusterTime: toTimestamp(notBefore()) } : { atClusterTime: toTimestamp(at) }),
      },
    })
    const { firstBatch, atClusterTime } = reply['cursor']
    const time = fromTimestamp(atClusterTime)
    at ??= time
    return { batch: firstBatch, reply }
  }

  /** After a failover the new primary may not know yet how far a majority is: an older snapshot would leave a gap before the live changes. */
  const notBefore = () => position.backfill.at ?? before(position.clusterTime)

  async function nextRange(): Promise<typeof range> {
    const behind = position.backfill.last === null ? [] : [{ $match: isBehind(position.backfill.last.id) }]
    const end = await read([...behind, { $sort: { _id: 1 } }, { $skip: rangeSize - 1 }, { $limit: 1 }, { $project: { _id: 1 } }])
    const upTo = end.batch[0] === undefined ? null : { id: BSON.deserialize(end.batch[0], exact)['_id'] as unknown }
    const within = upTo === null ? [] : [{ $match: { $expr: { $lte: ['$_id', { $literal: upTo.id }] } } }]
    const { batch, reply } = await read([...behind, ...within, { $sort: { _id: 1 } }, { $replaceWith: shape }, ...pipeline])
    return { batch, upTo, cursor: String(reply['cursor'].id) === '0' ? null : openCursor(reply) }
  }

  async function more({ cursor, upTo }: NonNullable<typeof range>): Promise<typeof range> {
    const { id, collection: getMoreOf } = cursor!
    const reply = await send({ getMore: id, collection: getMoreOf, batchSize: rangeSize })
    const left = String(reply['cursor'].id) === '0' ? null : cursor
    return { batch: reply['cursor'].nextBatch, upTo, cursor: left }
  }

  async function next(): Promise<Scanned> {
    for (;;) {
      try {
        range = range?.cursor ? await more(range) : await nextRange()
        break
      } catch (error) {
        range = null
        if (!snapshotGone.has(errorNumber(error) ?? -1) || at === null) throw error
        // What was read as of then stays as it is; what comes is newer.
        at = null
      }
    }
    const documents = range!.batch.map((raw) => delivered(raw))
    if (range!.cursor !== null) return { documents, position, done: false }
    if (range!.upTo === null) return { documents, position: behindDocuments(position, at!), done: true }
    position = behindDocument(position, range!.upTo.id, at!, false)
    return { documents, position, done: false }
  }

  function delivered(raw: Uint8Array): Delivered {
    const change = decode(raw)
    position = behindDocument(position, idOf(change), at!, true)
    return asDelivered(change, position, raw.length)
  }

  return {
    next(signal) {
      pending = next()
      return orAborted(pending, signal)
    },

    async [Symbol.asyncDispose]() {
      // Only then is the session free for others.
      await pending?.catch(() => undefined)
      if (range?.cursor) await killCursor(client, range.cursor).catch(() => undefined)
      await session.endSession()
    },
  }
}

/** The document of a position inside a backfill once more, as it is now; null when it is gone, or the pipeline does not let it through. */
export async function existingDocument({ namespace, pipeline, watchdog }: ScannedPlace, at: Scanning): Promise<Delivered | null> {
  const { client, database, collection } = namespace
  const id = { $match: { $expr: { $eq: ['$_id', { $literal: at.backfill.last?.id }] } } }
  const command = {
    aggregate: collection,
    pipeline: [id, { $replaceWith: changeOf(namespace, at) }, ...pipeline],
    cursor: {},
    readConcern: { level: 'majority' },
  }
  const raw = { readPreference: 'primary' as const, fieldsAsRaw: { firstBatch: true } }
  const reply = await watchdog.over(client.db(database).command(command, raw))
  const found = (reply['cursor'].firstBatch as readonly Uint8Array[])[0]
  return found === undefined ? null : asDelivered(changeDecoder(client)(found), at, found.length)
}

const exact: BSON.DeserializeOptions = { promoteBuffers: false }

/** Over all types: `$gt` of the query language would stay within the type of its value. */
const isBehind = (id: unknown) => ({ $expr: { $gt: ['$_id', { $literal: id }] } })

/** A position that was taken at a time lies before what was written then. */
const before = ({ t, i }: ClusterTime): ClusterTime => (i === 0 ? { t: t - 1, i: 0xffff_ffff } : { t, i: i - 1 })

/** A document as the change that inserts it. */
function changeOf({ database, collection }: ScannedPlace['namespace'], { backfill, clusterTime }: Scanning): Document {
  return {
    _id: { $literal: { _data: backfill.origin } },
    operationType: 'insert',
    clusterTime: { $literal: toTimestamp(clusterTime) },
    wallTime: { $literal: new Date(clusterTime.t * 1000) },
    fullDocument: '$$ROOT',
    ns: { $literal: { db: database, coll: collection } },
    documentKey: { _id: '$_id' },
  }
}

function asDelivered(change: ReturnType<Decode>, position: Position, bytes: number): Delivered {
  return { change: { ...change, _id: { _data: position.token } }, position, bytes }
}

function idOf({ documentKey }: Change): unknown {
  if (documentKey !== undefined && '_id' in documentKey) return documentKey._id
  throw new StreamError('INVALID_STREAM', 'the pipeline removes documentKey, without which a backfill cannot go on after a crash')
}
