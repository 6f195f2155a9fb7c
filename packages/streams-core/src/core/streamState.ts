export type StreamState = 'running' | 'idle' | 'stuck' | 'paused' | 'halted' | 'stopped' | 'stale' | 'new' | 'orphan'

/** What the saved document says about a stream, and how far behind it is. */
export interface StateFacts {
  /** In the config. */
  readonly known: boolean
  /** A position is saved. */
  readonly saved: boolean
  readonly paused: boolean
  readonly failed: boolean
  /** `none`: released, or never acquired. */
  readonly lease: 'none' | 'live' | 'expired'
  /** Its worker reads nothing more until the oldest unsettled change is settled (rule 24). */
  readonly full: boolean
  /** The last move of the position; on the server's clock, like `now`. */
  readonly movedAt: Date | null
  readonly now: Date
  /** 0 = caught up, null = not known. */
  readonly lagMs: number | null
}

/** How long a worker may be behind at one position before it counts as stuck. */
const twoMinutes = 120_000

/** The table of docs/operations.md ("Looking at a stream"), from the saved documents alone: nobody asks the worker. */
export function streamState(facts: StateFacts, stuckAfterMs = twoMinutes): StreamState {
  if (!facts.known) return 'orphan'
  if (!facts.saved) return 'new'
  if (facts.paused) return 'paused'
  if (facts.lease === 'none') return facts.failed ? 'halted' : 'stopped'
  const age = (since: Date | null) => (since === null ? 0 : facts.now.getTime() - since.getTime())
  if (facts.lease === 'expired') return 'stale'
  if (facts.lagMs === 0) return 'idle'
  if (facts.full) return 'stuck'
  // Both: a stream that was quiet for an hour is not stuck on a change that came just now, nor is one that works off a backlog.
  const behind = facts.lagMs !== null && facts.lagMs >= stuckAfterMs
  return behind && age(facts.movedAt) >= stuckAfterMs ? 'stuck' : 'running'
}
