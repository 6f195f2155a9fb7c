import type { ClientSession, Document } from 'mongodb'
import { mayOpenByTime } from '../core/errorClass.js'
import { isOversize, withoutImages } from '../core/oversize.js'
import { type Position, compareTokens } from '../core/position.js'
import type { Stream } from '../stream.js'
import { imageOptions } from './imageOptions.js'
import { orNull } from './orAborted.js'
import { toTimestamp } from './positionDocument.js'
import { ownPosition, resumeToken } from './resumeToken.js'
import { type OpenCursor, type WatchedNamespace, changeStreamCommand, killCursor, openCursor } from './watchedNamespace.js'

/** What is looked at: a namespace through a pipeline. */
export interface Viewpoint {
  readonly namespace: WatchedNamespace
  readonly pipeline: readonly Document[]
  readonly fullDocument: Stream['fullDocument']
  readonly fullDocumentBeforeChange: Stream['fullDocumentBeforeChange']
}

export interface LookLimits {
  /** Milliseconds for the whole look; the server may have to pass a long oplog before the first change that matches. */
  readonly timeMs: number
  readonly batchSize: number
  /** How long the server waits at the oplog's end for something new. */
  readonly awaitMs: number
}

export interface Looked {
  /** Changes after the start, as the pipeline lets them out; empty = the end of the oplog. */
  readonly changes: readonly Document[]
  readonly reached: Position
  /** The collection was dropped or renamed: nothing follows. */
  readonly ended: boolean
}

export interface Look extends AsyncDisposable {
  /** The next batch; null when the time is up. Rejects with the driver's error when the position cannot be opened. */
  next(): Promise<Looked | null>
}

/**
 * Looks at changes after a position for a limited time. Commands instead of the driver's ChangeStream, because that cannot be left
 * while the server is still searching for the first match.
 */
export function look(view: Viewpoint, from: Position, { timeMs, batchSize, awaitMs }: LookLimits): Look {
  const { client } = view.namespace
  const session = client.startSession({ causalConsistency: false })
  const timeUp = new AbortController()
  const timer = setTimeout(() => timeUp.abort(), timeMs)
  let cursor: OpenCursor | null = null
  let byTime = from.by === 'foreign'
  // A change over 16 MB is looked at, with all after it, without images.
  let bare = false
  let at = from
  let passed = false
  let over = false
  let late = false

  async function read(): Promise<Looked> {
    cursor ??= await open(
      bare ? { ...view, pipeline: [...view.pipeline, withoutImages] } : view,
      at,
      byTime && at === from,
      session,
    )
    if (over) {
      await killCursor(client, cursor)
      throw new Error('the look was ended')
    }
    const more = { getMore: cursor.id, collection: cursor.collection, batchSize, maxTimeMS: awaitMs }
    const { nextBatch, postBatchResumeToken, id } = (
      await client.db(cursor.database).command(more, { session, readPreference: 'primary' })
    )['cursor'] as Batch
    const ended = String(id) === '0'
    if (ended) cursor = null
    const changes = byTime
      ? nextBatch.filter(({ _id }) => compareTokens((_id as { _data: string })._data, from.token) > 0)
      : nextBatch
    const reached = ownPosition(postBatchResumeToken)
    at = reached
    // What was dropped is not the end: read on.
    return changes.length === 0 && nextBatch.length > 0 && !ended ? await read() : { changes, reached, ended }
  }

  async function readEitherWay(): Promise<Looked> {
    try {
      return await read()
    } catch (error) {
      if (!bare && isOversize(error)) bare = true
      else if (!byTime && !passed && mayOpenByTime(error)) byTime = true
      else throw error
      cursor = null
      return await readEitherWay()
    }
  }

  let pending: Promise<unknown> = Promise.resolve()
  return {
    async next() {
      const batch = readEitherWay()
      pending = batch.catch(() => undefined)
      const looked = await orNull(batch, timeUp.signal)
      passed = true
      late = looked === null
      return looked
    },

    async [Symbol.asyncDispose]() {
      over = true
      clearTimeout(timer)
      const closed = close().catch(() => undefined)
      // After a look whose time was up nobody waits for the server either.
      if (!late) await closed
    },
  }

  async function close(): Promise<void> {
    // Killing the cursor interrupts a getMore that still searches; only then is the session free.
    if (cursor !== null) await killCursor(client, cursor).catch(() => undefined)
    await pending
    await session.endSession()
  }
}

interface Batch {
  readonly id: unknown
  readonly nextBatch: readonly Document[]
  readonly postBatchResumeToken: unknown
}

async function open(view: Viewpoint, from: Position, byTime: boolean, session: ClientSession): Promise<OpenCursor> {
  const place = byTime ? { startAtOperationTime: toTimestamp(from.clusterTime) } : { startAfter: resumeToken(from) }
  const { database, command } = changeStreamCommand(view.namespace, view.pipeline, { ...imageOptions(view), ...place })
  return openCursor(await view.namespace.client.db(database).command(command, { session, readPreference: 'primary' }))
}
