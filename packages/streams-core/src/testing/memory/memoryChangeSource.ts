import { BSON } from 'mongodb'
import type { Change } from '../../change.js'
import { type Match, everything } from '../../core/clientMatch.js'
import { type ClusterTime, type Position, compareTimes, compareTokens } from '../../core/position.js'
import { tokenTime } from '../../core/tokenTime.js'
import type { ChangeSource, Read } from '../../ports.js'
import { insideBackfill } from '../../core/backfill.js'
import { StreamError } from '../../streamError.js'
import { changeBuilder } from '../changes/changeBuilder.js'
import { eventToken, highWaterToken } from '../changes/madeToken.js'
import { historyLost } from '../faults/serverFaults.js'
import { type Written, memoryDocument, memoryScan } from './memoryScan.js'

/** The in-memory twin of a watched collection: what is written here is read there. */
export interface MemoryChangeSource extends ChangeSource {
  /** Changes made by a `changeBuilder`, each later than all before it. @throws {StreamError} INVALID_OPTIONS for one that is not. */
  add(...changes: readonly Change[]): void
  insert(document: { readonly _id: string | number; readonly [field: string]: unknown }): Position
  /** As if the collection were dropped: readers get an `invalidated` in its place. */
  invalidate(): Position
  /** As if the oplog had rolled over everything so far: who has not read it gets 286. */
  forget(): void
}

interface Logged {
  readonly position: Position
  /** Null: the end, an invalidate. */
  readonly change: Change | null
}

const aCollection = '00'.repeat(16)
const lastOfTime = 2 ** 32

/** Its readers give the changes that `match`, all without one. */
export function memoryChangeSource(match: Match = everything): MemoryChangeSource {
  let log: Logged[] = []
  // Documents stay when the oplog forgets how they came to be.
  const written: Written[] = []
  /** How many were forgotten. */
  let base = 0
  let floor = ''
  // Seconds of a plausible server clock; every write is one ordinal later.
  let time: ClusterTime = { t: 1_700_000_000, i: 1 }
  let newest = ''
  const wakers = new Set<() => void>()
  const between = (clusterTime: ClusterTime): Position => ({ token: highWaterToken(clusterTime), clusterTime, by: 'own' })
  /** Behind everything so far. */
  const end = (): Position => {
    const last = log.at(-1)?.position
    return last !== undefined && compareTimes(last.clusterTime, time) === 0 ? last : between(time)
  }

  function append(token: string, change: Change | null, isSeen: boolean): Position {
    if (compareTokens(token, newest) <= 0) {
      throw new StreamError(
        'INVALID_OPTIONS',
        'a change must be later than those before it: add changes in the order in which they were made, by one builder (change.of() for other collections)',
      )
    }
    const position: Position = { token, clusterTime: tokenTime(token), by: 'own' }
    time = position.clusterTime
    newest = token
    if (isSeen) log.push({ position, change })
    if (change !== null) written.push({ position, change })
    for (const wake of wakers) wake()
    return position
  }
  const add = (change: Change) => append((change._id as { readonly _data: string })._data, change, match(change) !== false)

  return {
    add: (...changes) => changes.forEach((change) => void add(change)),
    insert: (document) => add(changeBuilder({ database: 'memory', collection: 'memory', at: time }).insert(document)),
    // Of the same time as what was before it, and behind all of that: the next change has a time of its own.
    invalidate: () =>
      append(eventToken({ clusterTime: time, txnOpIndex: lastOfTime, uuid: aCollection, fromInvalidate: true }), null, true),
    forget() {
      base += log.length
      floor = newest
      log = []
      // Something else has happened since, or the last change would still be there.
      time = { t: time.t, i: time.i + 1 }
      for (const wake of wakers) wake()
    },

    async ready() {},
    anchor: async (from) => (from === 'now' ? end() : between({ t: from.t, i: from.i })),
    serverTime: async () => time,
    oplog: async () => null,
    scan: async (from) => memoryScan({ written, match }, insideBackfill(from), time),
    existing: async (from) => memoryDocument({ written, match }, insideBackfill(from), time),
    reader: 'own',

    async open(from) {
      if (compareTokens(from.token, floor) < 0) throw historyLost()
      const found = log.findIndex(({ position }) => compareTokens(position.token, from.token) > 0)
      let next = base + (found === -1 ? log.length : found)
      let reached: Position | null = null
      let wokenUp: (() => void) | null = null
      return {
        get reached() {
          return reached
        },
        async next(signal): Promise<Read> {
          signal.throwIfAborted()
          if (next < base) throw historyLost()
          const logged = log[next - base]
          if (logged === undefined) {
            const now = end()
            if (reached === null || compareTokens(reached.token, now.token) < 0) {
              reached = now
              return { kind: 'quiet' }
            }
            await new Promise<void>((resolve, reject) => {
              wokenUp = resolve
              wakers.add(resolve)
              signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true })
            })
            return { kind: 'quiet' }
          }
          next += 1
          const { change, position } = logged
          if (change === null) return { kind: 'invalidated', position }
          return { kind: 'changes', changes: [{ change, position, bytes: BSON.calculateObjectSize(change) }] }
        },
        async [Symbol.asyncDispose]() {
          if (wokenUp !== null) wakers.delete(wokenUp)
        },
      }
    },
  }
}
