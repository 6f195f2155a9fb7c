import { setImmediate as turn } from 'node:timers/promises'
import type { ClientSession, Document } from 'mongodb'
import { type Position, compareTokens } from '../core/position.js'
import type { ChangeReader, Read } from '../ports.js'
import { orAborted } from './orAborted.js'
import { type RawBatch, rawBatch } from './rawBatch.js'
import { changeDecoder } from './changeDecoder.js'
import { RawChange } from './rawChange.js'
import { type Watchdog, within } from './watchdog.js'
import { type OpenCursor, type WatchedNamespace, changeStreamCommand, killCursor } from './watchedNamespace.js'

// The first change of a backlog would wait until the server has found a thousand; the next batch is asked for while these are handled.
const firstBatchSize = 100
// Killing a cursor asks the server: one that is frozen would never answer.
const closeMs = 1000

/** How a cursor is opened and asked. */
export interface OwnReading {
  readonly namespace: WatchedNamespace
  readonly pipeline: readonly Document[]
  /** Of the `$changeStream` stage, the place to begin among them. */
  readonly options: Document
  /** Changes up to and including this token are passed over: a stream opened by time begins before them. */
  readonly dropUpTo: string | null
  readonly batchSize: number
  /** How long the server waits at the oplog's end for something new. */
  readonly awaitMs: number
  readonly watchdog: Watchdog
  /** For the cursor's commands; null: one that ends with the reader. */
  readonly session: ClientSession | null
}

/**
 * Reads a change stream with `aggregate` and `getMore` commands. While a batch is handled the next one is already asked for, one and never
 * more, and its changes are decoded when they are looked at: the driver and mongod otherwise wait for each other by turns. It resumes nothing:
 * whoever reads opens a new one at its checkpoint. For the primary of a replica set only: behind mongos the commands would need pinning.
 */
export async function ownReader(reading: OwnReading): Promise<ChangeReader> {
  const { namespace, dropUpTo, batchSize, awaitMs, watchdog } = reading
  const { client } = namespace
  const session = reading.session ?? client.startSession({ causalConsistency: false })
  const decode = changeDecoder(client)
  // A cursor of a primary that died while a batch was handled would be waited for.
  const bound = watchdog.bound()
  let reached: Position | null = null
  let end: Position | null = null
  let failed = false

  const first = await open()
  let cursor = first.cursor
  let pending: Promise<RawBatch> = Promise.resolve(first)

  async function open(): Promise<RawBatch> {
    const { database, command } = changeStreamCommand(namespace, reading.pipeline, reading.options)
    const opening = rawBatch(
      client,
      database,
      { ...command, cursor: { batchSize: Math.min(batchSize, firstBatchSize) } },
      session,
    )
    try {
      return await watchdog.over(opening)
    } catch (error) {
      bound.forget()
      // Left to itself it may still open a cursor, which nobody would ever read; only then is the session free.
      opening
        .then(({ cursor: late }) => late && killCursor(client, late))
        .catch(() => undefined)
        .then(endSession)
        .catch(() => undefined)
      throw error
    }
  }

  async function endSession(): Promise<void> {
    if (reading.session === null) await session.endSession()
  }

  async function more({ id, database, collection }: OpenCursor): Promise<RawBatch> {
    try {
      bound.check()
      const command = { getMore: id, collection, batchSize, maxTimeMS: awaitMs }
      const batch = await watchdog.over(rawBatch(client, database, command, session))
      cursor = batch.cursor
      return batch
    } catch (error) {
      failed = true
      throw error
    }
  }

  /** What is delivered of a batch; notes where the stream ends, if this one was its last. */
  function unpack({ changes: raw, cursor: open, reached: upTo }: RawBatch): RawChange[] {
    const changes = raw.map((bytes) => new RawChange(bytes, decode))
    if (open === null) {
      // An invalidate that the pipeline filtered out only closes the cursor.
      end = upTo
      const last = changes.at(-1)
      if ((last?.change.operationType as string | undefined) === 'invalidate') {
        end = last!.position
        changes.pop()
      }
    }
    if (dropUpTo === null) return changes
    const wanted = changes.findIndex(({ position }) => compareTokens(position.token, dropUpTo) > 0)
    return wanted === -1 ? [] : changes.slice(wanted)
  }

  return {
    get reached() {
      return reached
    },

    async next(signal): Promise<Read> {
      while (end === null) {
        const batch = await orAborted(pending, signal)
        if (batch.cursor !== null) {
          pending = more(batch.cursor)
          pending.catch(() => undefined)
          // Without a turn of the event loop it is written to the socket only after the batch in hand was decoded.
          if (batch.changes.length > 0) await turn()
        }
        const changes = unpack(batch)
        reached = batch.reached
        if (changes.length > 0) return { kind: 'changes', changes }
        if (batch.changes.length === 0 && end === null) return { kind: 'quiet' }
      }
      return { kind: 'invalidated', position: end }
    },

    async [Symbol.asyncDispose]() {
      bound.forget()
      const closed = within(close(), closeMs)
      // After a fault its server may be gone: with the next primary the stream goes on at once.
      if (!failed) await closed
    },
  }

  async function close(): Promise<void> {
    if (cursor !== null) await killCursor(client, cursor).catch(() => undefined)
    if (reading.session !== null) return
    // The getMore in flight ends with its cursor; only then is the session free for others.
    await pending.catch(() => undefined)
    await endSession()
  }
}
