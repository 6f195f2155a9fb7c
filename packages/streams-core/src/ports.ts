// The seams between the engine and the world, on one screen. runtime/ sees only these; mongo/ implements them for the
// driver and testing/ in memory; one contract test per port runs against both.
import type { ClientSession } from 'mongodb'
import type { Change } from './change.js'
import type { ClusterTime, Position, SkippedInterval } from './core/position.js'

/** A change with the position that is reached once it is settled. */
export interface Delivered {
  readonly change: Change
  readonly position: Position
}

/** Where changes come from. Errors are the driver's own; core/errorClass.ts sorts them. */
export interface ChangeSource {
  /** A position from which nothing is missed, now or at a past time, made by the stream's own pipeline; reads no change. */
  anchor(at: 'now' | ClusterTime): Promise<Position>
  /** Opens after `from`: own tokens by `startAfter`, foreign ones at their cluster time, dropping what is not after them. */
  open(from: Position): Promise<ChangeReader>
  /** The time of the server's newest write: a reader whose `reached` is at or past it has seen everything up to now. */
  serverTime(): Promise<ClusterTime>
}

export interface ChangeReader extends AsyncDisposable {
  /** The next change; null when there was none for a while (then `reached` has moved on); rejects with the signal's reason on abort. */
  next(signal: AbortSignal): Promise<Delivered | null>
  /** Everything that matches up to here has been returned by `next`. Null until the server told. Not a promise that it was handled. */
  readonly reached: Position | null
}

/** A stream's saved state, as the engine sees it. */
export interface Checkpoint {
  readonly name: string
  readonly position: Position | null
  readonly epoch: number
  readonly rev: number
  readonly fingerprint: string | null
  /** The watched collection's UUID as its tokens tell it (hex), null until known. */
  readonly uuid: string | null
  /** Token of the highest change ever settled: what lies at or below it was handed over before. */
  readonly highest: string | null
  readonly skipped: readonly SkippedInterval[]
  readonly previous: Position | null
  readonly owner: string | null
  readonly restarts: number
  readonly lastError: SavedError | null
  readonly paused: string | null
  readonly adopted: { readonly token: string; readonly at: Date } | null
  readonly startedAt: Date | null
  readonly updatedAt: Date | null
}

/** No message of a handler in here: it may hold personal data. */
export interface SavedError {
  readonly code: string
  readonly name: string
  readonly at: Date
}

/** What identifies the worker's right to write: matched, and `rev` raised, by every commit. */
export interface Claim {
  readonly name: string
  readonly epoch: number
  readonly rev: number
}

export interface Advance {
  readonly position: Position
  /** False for a heartbeat: the position moves, but no change was settled. */
  readonly settled: boolean
  readonly uuid: string | null
}

/** `committed` carries the claim for the next commit. The others are final for this worker. */
export type CommitOutcome =
  | { readonly kind: 'committed'; readonly claim: Claim }
  | { readonly kind: 'fenced'; readonly epoch: number }
  | { readonly kind: 'moved'; readonly rev: number }

export interface CheckpointStore {
  load(name: string): Promise<Checkpoint | null>
  /** Saves a first position; when another worker was faster, its position stays and is what `load` returns. */
  create(name: string, first: Position, fingerprint: string): Promise<void>
  /** Becomes the owner: raises the epoch, so that every older claim matches nothing, and reads the position from the result. */
  fence(name: string, owner: string, fingerprint: string): Promise<Checkpoint>
  /** Filters on name, epoch and rev; unknown results are resolved by reading back, never guessed. */
  commit(claim: Claim, advance: Advance): Promise<CommitOutcome>
  /** The same in one transaction with `effects`: the checkpoint first, then the effects. A rejection rolls both back. */
  commitWith(claim: Claim, advance: Advance, effects: (session: ClientSession | undefined) => Promise<void>): Promise<CommitOutcome>
  /** A clean stop (error null) or a halt; forgotten silently when the claim is no longer ours. */
  release(claim: Claim, error: SavedError | null): Promise<void>
}

/** Time comes in from here; nothing else in runtime/ looks at a clock. */
export interface Clock {
  now(): number
  /** Resolves after `ms`, or rejects with the signal's reason on abort. */
  sleep(ms: number, signal: AbortSignal): Promise<void>
}

/** Sees what happens; whatever it throws is ignored. Every method is optional. */
export interface Observer {
  opened?(event: { readonly stream: string; readonly from: Position }): void
  settled?(event: { readonly stream: string; readonly token: string; readonly outcome: 'handled' | 'skipped'; readonly durationMs: number }): void
  committed?(event: { readonly stream: string; readonly position: Position }): void
  retrying?(event: { readonly stream: string; readonly attempt: number; readonly error: unknown }): void
  reopening?(event: { readonly stream: string; readonly delayMs: number; readonly error: unknown }): void
}
