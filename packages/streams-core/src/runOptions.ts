import type { MongoClient } from 'mongodb'
import type { Log } from './log.js'
import type { Position } from './core/position.js'
import type { SharedReaders } from './mongo/sharedReaders.js'
import type { Observer, ReaderKind } from './ports.js'

/** Where streams, targets and state live. The caller owns the clients: nothing here closes them. */
export interface Places {
  /** Short for `connections: { default: client }`. */
  readonly client?: MongoClient
  readonly connections?: Readonly<Record<string, MongoClient>>
  /** Database of namespaces that name none; default: the one in the client's URI (never `test`). */
  readonly database?: string
  /** Where positions are kept; default: collection `stream` in `database` on the default connection. */
  readonly state?: { readonly connection?: string; readonly database?: string; readonly collection?: string }
}

export interface RunOptions extends Places {
  /** Aborting finishes the change in hand, saves its position and resolves `done`. */
  readonly signal?: AbortSignal
  readonly log?: Log
  readonly observer?: Observer
  /**
   * Who runs it: a text for operators, in `status`, in messages and in the position's history; default `<host>/<pid>/<6 hex>`. It gives no right to the
   * lease: another worker with the same text is waited for, or refused with LEASE_HELD, like any other. Best a text of one worker only.
   */
  readonly owner?: string
  /** Names of fields with personal data, beside those of the stream's own `deadLetters.redact`: left out of what is kept of a parked change with `payload: 'redacted'`. */
  readonly redact?: readonly string[]
  /** Stop by itself: when caught up with the moment of the start; past a time; or once what is marked in the dead letters was put back, reading nothing else. */
  readonly until?: 'caught-up' | 'redriven' | { readonly time: Date }
  /** Stop after this many changes were settled: handled, skipped, parked or held. */
  readonly max?: number
  /** Go on although the stream's fingerprint is not that of the saved position. */
  readonly acceptDrift?: boolean
  /** Milliseconds that the lease lasts without renewal (default 10,000): how long a dead owner can keep a standby waiting. */
  readonly leaseTtlMs?: number
  /**
   * Warn in the log, once a minute, while less than this share of the oplog (0 to 1, default 0.25) is left before it forgets the saved
   * position; 0: never. Needs the right to read `local`.
   */
  readonly headroomWarning?: number
  /**
   * Wait while another worker holds the lease, instead of rejecting with LEASE_HELD; also after being fenced. With an unusable position
   * (HISTORY_LOST, TOKEN_UNUSABLE, INVALIDATED) record it, release the lease, and go on by itself once an operator has moved the position.
   */
  readonly standby?: boolean
  /**
   * After an error that needs an operator (exit codes 6 and 7: HANDLER_FAILED, HISTORY_LOST, …). `reject` (default): `done` rejects. `hold`: the lease is
   * released, the phase is `halted`, and the run goes on by itself once an operator has moved the position (reset, skip), put parked changes back,
   * or resumed the stream. From then on it waits like a standby while another worker holds the lease.
   */
  readonly onFatal?: 'reject' | 'hold'
  /** Take the lease from a live owner, which is fenced: changes that it has in hand may be handled twice. */
  readonly takeOver?: boolean
  /**
   * `own` (default): changes are read by commands of our own, about twice as fast, where the server is a replica set's primary, and by the
   * driver's ChangeStream elsewhere. `driver`: always the latter.
   */
  readonly reader?: 'own' | 'driver'
  /**
   * From `sharedReaders()`, given to several runs of one process: those that watch the same read from one cursor. The change objects are then
   * the same ones for all of them: a handler must not alter what it gets.
   */
  readonly readers?: SharedReaders
}

/** How a run ended; `stopped` = by its signal or by `stop()`. */
export interface RunSummary {
  readonly name: string
  readonly handled: number
  readonly skipped: number
  /** Put aside after their attempts were used up. */
  readonly parked: number
  /** Put aside behind a parked change of the same key, without an attempt. */
  readonly held: number
  /** Parked or held before, and handled now that an operator wanted them put back. */
  readonly redriven: number
  readonly position: Position | null
  readonly reason: 'stopped' | 'caught-up' | 'until' | 'max' | 'redriven'
}

export interface RunStatus {
  readonly name: string
  readonly owner: string
  readonly phase: 'starting' | 'waiting' | 'halted' | 'running' | 'paused' | 'reopening' | 'stopping' | 'stopped' | 'failed'
  readonly position: Position | null
  readonly handled: number
  readonly skipped: number
  readonly parked: number
  readonly held: number
  readonly redriven: number
  /** How changes are read; null before the first was asked for. */
  readonly reader: ReaderKind | null
}

export interface RunHandle extends AsyncDisposable {
  /** Resolves after a clean stop; rejects with a StreamError (`HANDLER_FAILED` keeps the handler's error as `cause`). */
  readonly done: Promise<RunSummary>
  /** Finishes the change in hand, saves, resolves when all is closed. Never rejects: `done` tells how it ended. */
  stop(reason?: string): Promise<void>
  readonly status: RunStatus
  /** Resolves once everything written before the call is settled and saved. Rejects when the run ends before. */
  whenCaughtUp(): Promise<void>
}
