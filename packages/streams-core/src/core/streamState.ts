export type StreamState = 'running' | 'idle' | 'stuck' | 'paused' | 'halted' | 'stopped' | 'stale' | 'new' | 'orphan'

/** What the saved document says about a stream, and how far behind it is. */
export interface StateFacts {
  /** In the config. */
  readonly known: boolean
  /** A position is saved. */
  readonly saved: boolean
  readonly paused: boolean
  readonly failed: boolean
  readonly owned: boolean
  /** The owner's last sign of life, and the last move of the position; on the server's clock, like `now`. */
  readonly updatedAt: Date | null
  readonly movedAt: Date | null
  readonly now: Date
  /** 0 = caught up, null = not known. */
  readonly lagMs: number | null
}

/** A worker saves, or says that it lives, every 10 s: after three times that it is taken for dead. */
export const staleAfterMs = 30_000
/** How long a worker may be behind at one position before it counts as stuck. */
export const stuckAfterMs = 120_000

/** The table of docs/api.md, from the saved document alone: nobody asks the worker. */
export function streamState(facts: StateFacts): StreamState {
  if (!facts.known) return 'orphan'
  if (!facts.saved) return 'new'
  if (facts.paused) return 'paused'
  if (!facts.owned) return facts.failed ? 'halted' : 'stopped'
  const age = (since: Date | null) => (since === null ? 0 : facts.now.getTime() - since.getTime())
  if (facts.updatedAt === null || age(facts.updatedAt) > staleAfterMs) return 'stale'
  if (facts.lagMs === 0) return 'idle'
  // Both: a stream that was quiet for an hour is not stuck on a change that came just now, nor is one that works off a backlog.
  const behind = facts.lagMs !== null && facts.lagMs >= stuckAfterMs
  return behind && age(facts.movedAt) >= stuckAfterMs ? 'stuck' : 'running'
}
