import type { Timestamp } from 'mongodb'
import type { Change } from '../../change.js'
import { type ClusterTime, type Position, compareTimes, compareTokens } from '../../core/position.js'
import type { ChangeSource, Read } from '../../ports.js'
import { memoryToken } from './memoryToken.js'

/** The in-memory twin of a watched collection: what is written here is read there. */
export interface MemoryChangeSource extends ChangeSource {
  insert(document: { readonly _id: string | number; readonly [field: string]: unknown }): Position
  /** As if the collection were dropped: readers get an `invalidated` in its place. */
  invalidate(): Position
}

interface Logged {
  readonly position: Position
  readonly change: Change | null
}

export function memoryChangeSource(): MemoryChangeSource {
  const log: Logged[] = []
  const wakers = new Set<() => void>()
  // Seconds of a plausible server clock; every write is one ordinal later.
  let time: ClusterTime = { t: 1_700_000_000, i: 1 }
  const at = (clusterTime: ClusterTime): Position => ({ token: memoryToken(clusterTime), clusterTime, by: 'own' })

  function append(make: (position: Position) => Change | null): Position {
    time = { t: time.t, i: time.i + 1 }
    const position = at(time)
    log.push({ position, change: make(position) })
    for (const wake of wakers) wake()
    return position
  }

  return {
    insert: (document) =>
      append(({ token, clusterTime }) => ({
        _id: { _data: token },
        operationType: 'insert',
        clusterTime: clusterTime as unknown as Timestamp,
        ns: { db: 'memory', coll: 'memory' },
        documentKey: { _id: document._id },
        fullDocument: document,
      })),
    invalidate: () => append(() => null),

    async ready() {},
    anchor: async (from) => at(from === 'now' ? time : { t: from.t, i: from.i }),
    serverTime: async () => time,
    oplog: async () => null,
    reader: 'own',

    async open(from) {
      let next = log.findIndex(({ position }) => compareTokens(position.token, from.token) > 0)
      if (next === -1) next = log.length
      let reached: Position | null = null
      let wokenUp: (() => void) | null = null
      return {
        get reached() {
          return reached
        },
        async next(signal): Promise<Read> {
          signal.throwIfAborted()
          const found = log[next]
          if (found === undefined) {
            if (reached === null || compareTimes(reached.clusterTime, time) < 0) {
              reached = at(time)
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
          return found.change === null
            ? { kind: 'invalidated', position: found.position }
            : { kind: 'changes', changes: [{ change: found.change, position: found.position, bytes: 100 }] }
        },
        async [Symbol.asyncDispose]() {
          if (wokenUp !== null) wakers.delete(wokenUp)
        },
      }
    },
  }
}
