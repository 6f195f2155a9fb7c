import type { Match } from '../core/clientMatch.js'
import { isInfrastructure } from '../core/infrastructure.js'
import { type Position, compareTokens } from '../core/position.js'
import type { ChangeReader, Read } from '../ports.js'
import type { SharedBatch } from './sharedBatch.js'
import type { Member, SharedCursor, Taken } from './sharedCursor.js'
import type { SharedGroup } from './sharedReaders.js'

/** What one stream wants of a group's changes. */
export interface SharedView {
  readonly group: SharedGroup
  /** The pipeline as a text: those with the same one are filtered once. */
  readonly key: string
  readonly match: Match
  /** Opens a cursor without a pipeline, for all; null where our own commands cannot read. */
  openShared(from: Position): Promise<ChangeReader | null>
  /** Opens a cursor with the stream's pipeline, for it alone. */
  openAlone(from: Position): Promise<ChangeReader>
  onMove(to: 'shared' | 'alone'): void
}

/**
 * Reads from a group's cursor what matches, and alone while that is too far ahead, has ended or failed on something that this stream's own
 * pipeline may never see; joined again when caught up. When the way to the server is at fault, it rejects like any reader.
 */
export async function sharedReader(view: SharedView, from: Position): Promise<ChangeReader> {
  const { group, key, match } = view
  /** Where to go on: the last change returned, or, after it, what was reached. */
  let at = from
  let reached = from
  let place: { readonly cursor: SharedCursor; readonly member: Member; dropUpTo: string | null } | null = null
  let alone: ChangeReader | null = null
  let joins = true

  await share(group.covering(from) ?? group.open(from, () => opened(from)))

  async function opened(first: Position): Promise<ChangeReader> {
    const reader = await view.openShared(first)
    if (reader === null) throw new NotShareable('our own commands cannot read here')
    return reader
  }

  async function share(cursor: SharedCursor): Promise<void> {
    place = { cursor, member: cursor.join(at.token), dropUpTo: at.token }
    view.onMove('shared')
    await cursor.opened.catch(goAloneAfter)
  }

  async function goAlone(): Promise<void> {
    await leave()
    alone = await view.openAlone(at)
    view.onMove('alone')
  }

  /** Rejects with what a cursor of its own would meet too. */
  async function goAloneAfter(fault: unknown): Promise<void> {
    if (isInfrastructure(fault)) {
      await leave()
      throw fault as Error
    }
    if (fault instanceof NotShareable) joins = false
    await goAlone()
  }

  async function leave(): Promise<void> {
    const left = place
    place = null
    await left?.cursor.leave(left.member)
  }

  /** To the cursor that is furthest ahead, once it is known that nothing is missed there. */
  async function move(): Promise<void> {
    if (!joins) return
    const cursor = group.covering(at)
    if (cursor === null || cursor === place?.cursor) return
    if (place !== null && !cursor.isAheadOf(place.cursor)) return
    const former = alone
    alone = null
    await leave()
    await former?.[Symbol.asyncDispose]()
    await share(cursor)
  }

  async function readAlone(reader: ChangeReader, signal: AbortSignal): Promise<Read> {
    const read = await reader.next(signal)
    if (reader.reached !== null) advance(reader.reached)
    if (read.kind === 'changes') at = read.changes.at(-1)!.position
    return read
  }

  async function take(from: NonNullable<typeof place>, signal: AbortSignal): Promise<Taken | null> {
    try {
      return await from.cursor.take(from.member, reached, signal)
    } catch (error) {
      if (signal.aborted && error === signal.reason) throw error
      await goAloneAfter(error)
      return null
    }
  }

  /** What is returned of a batch; null: only the server can tell. */
  function unpack(batch: SharedBatch, from: NonNullable<typeof place>): Read | null {
    const matching = batch.matching(key, match)
    if (matching === null) return null
    const { dropUpTo } = from
    const changes =
      dropUpTo === null ? [...matching] : matching.filter(({ position }) => compareTokens(position.token, dropUpTo) > 0)
    if (dropUpTo !== null && compareTokens(batch.reached.token, dropUpTo) >= 0) from.dropUpTo = null
    advance(batch.reached)
    if (changes.length === 0) return { kind: 'quiet' }
    at = changes.at(-1)!.position
    return { kind: 'changes', changes }
  }

  function advance(to: Position): void {
    // A cursor that it has just joined, or that was opened by time, may still be behind it.
    if (compareTokens(to.token, reached.token) <= 0) return
    reached = to
    at = to
  }

  return {
    get reached() {
      return reached
    },

    async next(signal) {
      for (;;) {
        await move()
        if (alone !== null) return await readAlone(alone, signal)
        const from: typeof place = place
        if (from === null) throw new Error('a reader that has failed is not read again')
        const taken = await take(from, signal)
        if (taken === null) continue
        if (taken.kind === 'quiet') {
          advance(taken.reached)
          return taken
        }
        const read = taken.kind === 'batch' ? unpack(taken.batch, from) : null
        if (read !== null) return read
        if (taken.kind === 'batch') joins = false
        await goAlone()
      }
    },

    async [Symbol.asyncDispose]() {
      await leave()
      await alone?.[Symbol.asyncDispose]()
    },
  }
}

class NotShareable extends Error {
  override readonly name = 'NotShareable'
}
