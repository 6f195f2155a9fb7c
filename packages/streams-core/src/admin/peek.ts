import type { Position } from '../core/position.js'
import { look } from '../mongo/look.js'
import { requireReplicaSet } from '../mongo/topology.js'
import { StreamError } from '../streamError.js'
import { orFault } from './fault.js'
import { registry } from './registry.js'
import { type SeenChange, requireDefined, seeing, seenChange } from './seenChange.js'
import type { AdminOptions } from './types.js'
import { whereTo } from './whereTo.js'

const timeMs = 5000

export interface PeekOptions {
  /** At most so many changes. */
  readonly limit: number
  /** Milliseconds before the saved position (before now, where none is saved) to begin at; default: at the saved position. */
  readonly beforeMs?: number
  readonly payload?: boolean
}

export interface Peeked {
  readonly from: Position
  readonly changes: readonly SeenChange[]
  /** False: the server was still searching after five seconds. */
  readonly complete: boolean
}

/**
 * The changes that come next, or that came `beforeMs` ago. Touches nothing: neither position nor lease, and no handler is called.
 * @throws {StreamError} UNKNOWN_STREAM; NOTHING_SAVED without a position and without `beforeMs`; HISTORY_LOST
 */
export async function peek(
  options: AdminOptions,
  name: string,
  { limit, beforeMs, payload = false }: PeekOptions,
): Promise<Peeked> {
  return await orFault(`stream ${name}`, async () => {
    const all = registry(options)
    const registered = await all.get(name)
    requireDefined(registered)
    const { saved, view } = registered
    await requireReplicaSet(view.namespace.client)
    const position = saved?.position ?? null
    if (position === null && beforeMs === undefined) {
      throw new StreamError(
        'NOTHING_SAVED',
        `stream ${name} has no saved position, so nothing comes next; look back instead: boletia-streams peek ${name} --before 15m`,
        { details: { stream: name } },
      )
    }
    const from =
      beforeMs === undefined
        ? (position as Position)
        : await whereTo(
            all,
            registered,
            position === null ? { kind: 'ago', ms: beforeMs } : { kind: 'by', ms: -beforeMs },
            'peek',
          )
    const changes: SeenChange[] = []
    // A projection takes nothing from an own token: it is the change itself that the token names.
    await using looking = look(seeing(view, payload), from, { timeMs, batchSize: limit, awaitMs: 1 })
    while (changes.length < limit) {
      const looked = await looking.next()
      if (looked === null) return { from, changes, complete: false }
      for (const change of looked.changes.slice(0, limit - changes.length)) changes.push(seenChange(change, position, payload))
      if (looked.changes.length === 0 || looked.ended) break
    }
    return { from, changes, complete: true }
  })
}
