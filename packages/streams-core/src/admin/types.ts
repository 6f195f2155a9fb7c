import type { KeyDocument } from '../core/keyStringValue.js'
import type { ClusterTime, Position } from '../core/position.js'
import type { StreamState } from '../core/streamState.js'
import type { HistoryAction } from '../mongo/historyStore.js'
import type { BatchTotals } from '../ports.js'
import type { Places } from '../runOptions.js'
import type { Stream } from '../stream.js'

/** What the admin functions work on: the places, and the streams that are known by definition (a config's). */
export interface AdminOptions extends Places {
  readonly streams: readonly Stream[]
  /** Names of fields with personal data, as of `runStream`: left out of the redacted payload of a change that is parked. */
  readonly redact?: readonly string[]
}

/** Where a position should be: words of `reset --to` and `replay --from`. */
export type Where =
  | { readonly kind: 'earliest' | 'latest' | 'prev' }
  | { readonly kind: 'time'; readonly time: Date }
  /** Milliseconds before now: `-2h` is 7,200,000. */
  | { readonly kind: 'ago'; readonly ms: number }
  /** Milliseconds to add to the saved position: `--by -15m` is −900,000. */
  | { readonly kind: 'by'; readonly ms: number }
  | { readonly kind: 'token'; readonly token: string }
  | { readonly kind: 'stream'; readonly name: string }

/** A row of `list`, and `status`: field for field the JSON contract. Times are Dates here. */
export interface StreamStatus {
  readonly name: string
  readonly state: StreamState
  readonly position: { readonly clusterTime: Date; readonly token: string } | null
  readonly lagMs: number | null
  /** How long it has been behind at its position; 0 when caught up, null when not known. */
  readonly stuckMs: number | null
  readonly headroomMs: number | null
  readonly parked: number
  /** Waiting behind a parked change of their key. */
  readonly held: number
  /** When the oldest of them was put aside. */
  readonly parkedSince: Date | null
  readonly owner: string | null
  readonly lease: { readonly epoch: number; readonly expiresAt: Date } | null
  readonly rev: number
  /** Why it is paused; null when it is not, or when the pause is over by itself. */
  readonly paused: string | null
  readonly pausedUntil: Date | null
  /** When its worker stopped handing out because of the pause; null while it has not noticed, or there is none. */
  readonly pauseSeenAt: Date | null
  /** `token`: the change that blocks it (HANDLER_FAILED, PARK_FAILED), to be given to `planSkip`; null from older versions too. */
  readonly lastError: { readonly code: string; readonly name: string; readonly at: Date; readonly token: string | null } | null
  readonly restarts: number
  readonly fingerprint: { readonly hash: string | null; readonly savedHash: string | null; readonly drift: boolean }
  readonly reader: 'own' | 'shared' | 'driver'
  /** What its worker, or the last one, has written in batches since it began; null for a `handle`. */
  readonly batches: BatchTotals | null
  /** Existing documents come before live changes; null when they are done with, or were not asked for. `scanned`: handed over so far. */
  readonly backfill: { readonly state: 'scanning' | 'catching-up'; readonly scanned: number; readonly startedAt: Date } | null
  /** What the oplog forgot before it was delivered, the newest last; `to` null where the oplog may not be read. */
  readonly gaps: readonly { readonly from: Date; readonly to: Date | null; readonly at: Date }[]
}

export interface Counted {
  readonly count: number
  /** False: counting stopped at 2 s or 100,000 changes; read `≥ count`. */
  readonly exact: boolean
}

/** What a move would do; nothing is written by making one. */
export interface ResetPlan {
  readonly name: string
  readonly rev: number
  readonly direction: 'rewind' | 'skip' | 'none'
  readonly from: Position
  readonly to: Position
  readonly changes: Counted
  readonly oplog: { readonly from: ClusterTime; readonly to: ClusterTime } | null
  readonly headroomMs: number | null
  /** The live worker that holds the stream: applying is refused with LEASE_HELD while it does. */
  readonly owner: string | null
  readonly lease: StreamStatus['lease']
  /** `drift`: the definition is not the one of the saved position; applying the plan needs `acceptDrift`. */
  readonly fingerprint: StreamStatus['fingerprint']
}

/** What was done, and how to undo it: a reset to `undo` (the word `prev`). */
export interface ResetDone {
  readonly rev: number
  /** Null: there was none before. */
  readonly undo: Position | null
}

export interface HistoryEntry {
  readonly stream: string
  readonly at: Date
  readonly action: HistoryAction
  readonly by: string
  readonly reason: string | null
  readonly before: Position | null
  /** Null: it was forgotten. */
  readonly after: Position | null
  readonly rev: number
}

/** A change without its content. */
export interface ChangeSample {
  readonly token: string
  readonly clusterTime: ClusterTime
  readonly operationType: string
  /** Relaxed Extended JSON; null for a change of no single document. */
  readonly documentKey: KeyDocument | null
}

/** Which changes are delivered again. */
export interface ReplayRequest {
  readonly from: Where
  /** Default, and the highest possible: the saved position as it is now. */
  readonly until?: Where
  /** The `_id` of one document: as text, 24 hex digits, or Extended JSON. */
  readonly doc?: string
  readonly op?: readonly string[]
  /** At most so many changes. */
  readonly limit?: number
  /** At most so many changes a second. */
  readonly rate?: number
}

/** What a replay would deliver; nothing is delivered by making one. */
export interface ReplayPlan extends Counted {
  readonly name: string
  readonly rev: number
  readonly from: Position
  readonly until: Position
  readonly samples: readonly ChangeSample[]
  /** `skip`: the handler declares that it must not be called again (mail), and is not unless `sideEffects`. */
  readonly onReplay: 'run' | 'skip'
  readonly request: ReplayRequest
}
