// The seams between the engine and the world, on one screen. runtime/ sees only these; mongo/ implements them for the
// driver and testing/ in memory; one contract test per port runs against both.
import type { ClientSession, Collection } from 'mongodb'
import type { Change } from './change.js'
import type { Oplog } from './core/headroom.js'
import type { ClusterTime, Gap, Position, SkippedInterval } from './core/position.js'
import type { Written } from './vitals.js'
import type { Write } from './write.js'

export type { DeadLetterStore, Held, KeptLetter, LetterFailure, NewLetter } from './letters.js'
export type { Observer } from './observer.js'
export type { Acquired, Lease, LeaseRequest, LeaseStore, ProcessMark } from './leases.js'
export type { CurrentPause, PauseStore } from './pauses.js'
export type { BatchTotals, Vitals, Written } from './vitals.js'

/** A change with the position that is reached once it is settled. A reader may decode it only when it is first looked at. */
export interface Delivered {
  readonly change: Change
  readonly position: Position
  /** Size of the change in BSON. */
  readonly bytes: number
}

/**
 * What reading gives: changes, at least one, in stream order, in an array that is the reader's no more; nothing for a while (then `reached` has
 * moved on); or the end, with a position to go on after it.
 */
export type Read =
  | { readonly kind: 'changes'; readonly changes: Delivered[] }
  | { readonly kind: 'quiet' }
  | { readonly kind: 'invalidated'; readonly position: Position }

/** Commands of our own, a cursor shared with other streams, or the driver's ChangeStream. */
export type ReaderKind = 'own' | 'shared' | 'driver'

/** Where changes come from. Errors are the driver's own; core/errorClass.ts sorts them. */
export interface ChangeSource {
  /** Rejects with NOT_A_REPLICA_SET where there are no change streams; called before anything is written. */
  ready(): Promise<void>
  /** A position from which nothing is missed, now or at a past time, made by the stream's own pipeline; reads no change. */
  anchor(at: 'now' | ClusterTime): Promise<Position>
  /** Opens after `from`: own tokens by `startAfter`, foreign ones at their cluster time, dropping what is not after them. */
  open(from: Position): Promise<ChangeReader>
  /**
   * Existing documents behind `from`, a position inside a backfill, each as the change that would insert it, as far as the stream's pipeline lets it
   * through. Every document is contained that was there at `from`'s time and still is; later changes are `contains`ed or not (core/backfill.ts).
   */
  scan(from: Position): Promise<DocumentScan>
  /** The document of a position inside a backfill once more, as it is now; null when it is gone. */
  existing(at: Position): Promise<Delivered | null>
  /** The time of the server's newest write: a reader whose `reached` is at or past it has seen everything up to now. */
  serverTime(): Promise<ClusterTime>
  /** The oplog behind it; null where it may not be read. */
  oplog(): Promise<Oplog | null>
  /** How it is read since the last `open`; null before the first. */
  readonly reader: ReaderKind | null
}

export interface ChangeReader extends AsyncDisposable {
  /** Rejects with the signal's reason on abort. */
  next(signal: AbortSignal): Promise<Read>
  /** Everything that matches up to here has been returned by `next`. Null until the server told. Not a promise that it was handled. */
  readonly reached: Position | null
}

/** Existing documents in the order of their `_id`s; ends with its reader's fault, and goes on behind the last one with a new scan. */
export interface DocumentScan extends AsyncDisposable {
  /** Rejects with the signal's reason on abort. */
  next(signal: AbortSignal): Promise<Scanned>
}

export interface Scanned {
  readonly documents: Delivered[]
  /** Everything up to here was returned; when `done`, where the live changes begin. */
  readonly position: Position
  readonly done: boolean
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
  /** What the oplog forgot before it was delivered; the newest last. */
  readonly gaps: readonly Gap[]
  readonly previous: Position | null
  readonly owner: string | null
  readonly restarts: number
  readonly lastError: SavedError | null
  /** The last run handed changes out that it did not save: they come again. */
  readonly inDoubt: boolean
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
  /** The change that blocks the stream: several in hand, it need not be the next one. Null where it was none, and from older versions. */
  readonly token: string | null
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

/** `committed` carries the claim for the next commit; `fenced` and `moved` are final for this worker. */
export type CommitOutcome =
  | { readonly kind: 'committed'; readonly claim: Claim }
  | { readonly kind: 'fenced'; readonly epoch: number }
  | { readonly kind: 'moved'; readonly rev: number }

/** What a commit whose answer was lost came to; not landed, its claim is for the next one. */
export type UnknownCommit = CommitOutcome | { readonly kind: 'not landed'; readonly claim: Claim }

/** What becoming the owner gives. `unclean`: the run before did not release, or left something in doubt: what it had in hand may come again. */
export interface Fenced {
  readonly checkpoint: Checkpoint
  readonly unclean: boolean
}

export interface CheckpointStore {
  load(name: string): Promise<Checkpoint | null>
  /**
   * What is saved, after taking over the position of an older service, once (the history says that `by` did). Rejects with OLDER_SERVICE_RUNNING when that
   * service still moves it.
   */
  adopt(name: string, fingerprint: string, by: string): Promise<Checkpoint | null>
  /** Saves a first position; when another worker was faster, its position stays and is what `load` returns. */
  create(name: string, first: Position, fingerprint: string, by: string): Promise<void>
  /**
   * Makes the acquired epoch count: every older claim matches nothing from here on. What former owners still have open is ended before;
   * the position is read from the result. Null when there is a newer owner already.
   */
  fence(name: string, epoch: number, owner: string, fingerprint: string): Promise<Fenced | null>
  /** Filters on name, epoch and rev. Safe to repeat after an error: a commit that landed is recognised by reading back. */
  commit(claim: Claim, advance: Advance): Promise<CommitOutcome>
  /**
   * The same in one transaction with `effects`: the checkpoint first, then the effects; a rejection rolls both back.
   * `contended` (only when `mayGiveUp`): two write conflicts in a row, nothing was done. After a RefusedCommit nobody knows what became of it.
   */
  commitWith(
    claim: Claim,
    advance: Advance,
    effects: Effects,
    mayGiveUp: boolean,
  ): Promise<CommitOutcome | { readonly kind: 'contended' }>
  /** Keeps which interval the oplog has forgotten, once for each position, with a row in the history; only while the claim's epoch counts. */
  lost(claim: Claim, position: Position, gap: Gap, by: string): Promise<void>
  /** Creates what `tell` writes into: inside a transaction its creation would conflict. */
  prepare(): Promise<void>
  /** Says in the history what a commit does, in its transaction, and keeps what it leaves out. */
  tell(move: ToldMove, session: ClientSession | undefined): Promise<void>
  /**
   * Makes certain what became of a `commitWith` whose answer was lost: afterwards it has landed, or never will, because rev was raised at `from`,
   * the position before it. Our own open transactions are ended. Safe to repeat.
   */
  settleUnknown(claim: Claim, advance: Advance, from: Position): Promise<UnknownCommit>
  /** A clean stop (error null) or a halt, with whether changes that were handed out come again; does nothing when the claim is no longer ours. */
  release(claim: Claim, error: SavedError | null, inDoubt: boolean): Promise<void>
  /** Why a start was refused at what was `seen`, for operators; does nothing when somebody owns the stream or has moved it, or when it is halted already. */
  refuse(seen: Claim, error: SavedError): Promise<void>
}

/** A move of the position that the worker itself makes. `gap`, `skipped`: what lies between is lost. */
export interface ToldMove {
  readonly name: string
  readonly action: 'backfill' | 'history-lost'
  readonly by: string
  readonly reason: string
  readonly before: Position
  readonly after: Position
  readonly gap?: Gap
  readonly skipped?: SkippedInterval
}

export type Effects = (session: ClientSession | undefined) => Promise<unknown>

/** Where projections write. */
export interface TargetStore {
  /** Creates the collections and indexes of a stream's targets: inside a transaction their creation would conflict. */
  ensure(): Promise<void>
  /** In order within a collection; with a session in its transaction, without one with majority. */
  apply(writes: readonly Write[], session: ClientSession | undefined): Promise<Written>
  collection(alias: string): Collection
  /** False when a target is behind another client than the checkpoint: then no transaction can hold both. */
  readonly besideCheckpoint: boolean
}

/** Time comes in from here; nothing else in runtime/ looks at a clock. */
export interface Clock {
  now(): number
  /** Resolves after `ms`, or rejects with the signal's reason on abort. */
  sleep(ms: number, signal: AbortSignal): Promise<void>
}
