import { look } from '../mongo/look.js'
import { orNull } from '../mongo/orAborted.js'
import { requireReplicaSet } from '../mongo/topology.js'
import { fault } from './fault.js'
import { registry } from './registry.js'
import { type SeenChange, requireDefined, seeing, seenChange } from './seenChange.js'
import type { AdminOptions } from './types.js'
import { whereTo } from './whereTo.js'

// As long as a timer can be: who tails decides when it ends.
const timeMs = 2 ** 31 - 1

export interface TailOptions {
  /** Ends it. */
  readonly signal: AbortSignal
  readonly payload?: boolean
  /** Told once, when nothing that comes from now on is missed. */
  readonly onOpen?: () => void
}

/**
 * The changes of a stream as they come, from now on. Touches nothing: neither position nor lease, and no handler is called.
 * Ends at the signal, or when the collection is dropped or renamed.
 * @throws {StreamError} UNKNOWN_STREAM, UNREACHABLE
 */
export async function* tail(
  options: AdminOptions,
  name: string,
  { signal, payload = false, onOpen }: TailOptions,
): AsyncGenerator<SeenChange> {
  try {
    const all = registry(options)
    const registered = await all.get(name)
    requireDefined(registered)
    const { saved, view } = registered
    await requireReplicaSet(view.namespace.client)
    const from = await whereTo(all, registered, { kind: 'latest' })
    onOpen?.()
    await using looking = look(seeing(view, payload), from, { timeMs, batchSize: 100, awaitMs: 500 })
    for (;;) {
      const looked = await orNull(looking.next(), signal)
      if (looked === null) return
      for (const change of looked.changes) yield seenChange(change, saved?.position ?? null, payload)
      if (looked.ended) return
    }
  } catch (error) {
    throw fault(error, `stream ${name}`)
  }
}
