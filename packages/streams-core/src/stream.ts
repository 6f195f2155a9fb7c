import type { ClientSession, Collection, Document, IndexDescription, Timestamp } from 'mongodb'
import type { Log } from './log.js'
import type { Change } from './change.js'
import type { Write } from './write.js'

/** A namespace: connection (a name of the run's `connections`), database, collection. What is missing is the run's default. */
export interface NamespaceOptions {
  readonly connection?: string
  readonly database?: string
  readonly collection?: string
}

export interface TargetOptions extends NamespaceOptions {
  readonly collection: string
  /** Created, with the collection, before the first change is read: creating them inside a transaction would conflict. */
  readonly indexes?: readonly IndexDescription[]
}

/** The identity of the position under which a write is done; guards compare `token`. */
export interface Fence {
  readonly stream: string
  readonly epoch: number
  readonly token: string
}

/** What a handler is given beside the change. */
export interface Context {
  readonly stream: string
  /** The change's resume token (`_data`); sorts in stream order. */
  readonly token: string
  readonly clusterTime: Timestamp
  /** 1 for the first attempt. */
  readonly attempt: number
  /** True when this stream has handled this change before and an operator moved the position back. */
  readonly replay: boolean
  /** True for a document that existed before the stream began: handed over as if it were inserted now (docs/backfill.md). */
  readonly backfill: boolean
  /** `'unknown'` for changes that may have been in flight when the last run ended without a clean stop, or gave them back between two attempts. */
  readonly redelivered: boolean | 'unknown'
  /** Aborted when the run is asked to stop, while the change in hand may still finish; and when the attempt took longer than `retry.timeoutMs`. */
  readonly signal: AbortSignal
  readonly log: Log
  readonly fence: Fence
  /** Present when the writes run in the engine's transaction. */
  readonly session?: ClientSession
  /** The collection behind an alias of `targets`. @throws {StreamError} INVALID_STREAM for an unknown alias. */
  target<D extends Document = Document>(alias: string): Collection<D>
}

/** Tells the engine that a change was deliberately not handled; made by `skip(reason)`. */
export interface Skip {
  readonly skipped: string
}

export type Handle<T extends Document> = (change: Change<T>, context: Context) => Promise<Skip | void> | Skip | void
/** Plain and synchronous: returns the writes of one change instead of doing them; nothing returned = nothing to do. */
export type Project<T extends Document> = (change: Change<T>, context: Context) => readonly Write[] | Skip | void

export interface LifecycleContext {
  readonly stream: string
  readonly signal: AbortSignal
  readonly log: Log
  target<D extends Document = Document>(alias: string): Collection<D>
}

export interface RetryOptions {
  /** Attempts per change, the first included. */
  readonly attempts?: number
  readonly minDelayMs?: number
  readonly maxDelayMs?: number
  /**
   * Milliseconds for one attempt of a `handle`; default: no limit. Then `context.signal` aborts and the attempt has failed: a handler that does
   * not heed its signal goes on beside the next attempt.
   */
  readonly timeoutMs?: number
}

/** `transient`: may pass, worth another attempt; `poison`: this change will never succeed; `fatal`: no change will, so the stream stops. */
export type FailureClass = 'transient' | 'poison' | 'fatal'

/**
 * A stream's own table of failures: classes by the errors' names and codes (`{ ValidationError: 'poison', 'ECONNREFUSED': 'transient', '11000': 'poison' }`), or a
 * plain function. Its word comes first; `undefined`, and what it throws, leave an error to the table of docs/dead-letters.md.
 */
export type Classify = Readonly<Record<string, FailureClass>> | ((error: unknown) => FailureClass | undefined)

/** What is kept of a parked change (docs/dead-letters.md). */
export interface DeadLetterOptions {
  /**
   * `none` (default): which change it is, never what is in it; it is read from the oplog again when it is put back. `redacted`: the change too,
   * without the values of the fields of `redact`. `full`: all of it, and the error's message: putting it back does not need the oplog.
   */
  readonly payload?: 'none' | 'redacted' | 'full'
  /** Field names, at any depth, whose values are not kept with `redacted`. */
  readonly redact?: readonly string[]
  /** Milliseconds after which the server deletes it, handled or not; default: never. */
  readonly ttlMs?: number
  /** From so many parked changes on (those that are held behind them not counted) `observer.alert` is called and an error is logged: each time that they come to be so many. */
  readonly alertAt?: number
}

interface CommonOptions<T extends Document> {
  readonly name: string
  readonly watch?: NamespaceOptions
  readonly pipeline?: readonly Document[]
  /** Ordering key; default `documentKey._id`; `undefined` = a barrier. */
  readonly key?: (change: Change<T>) => unknown
  readonly targets?: Readonly<Record<string, TargetOptions>>
  /** The document with an update: as it is now (`updateLookup`, the default), as it was just after it (post-image), or not (docs/images.md). */
  readonly fullDocument?: 'default' | 'updateLookup' | 'whenAvailable' | 'required'
  /** The document as it was before an update, replacement or delete (pre-image): the collection has to keep it (docs/images.md). Default `'off'`. */
  readonly fullDocumentBeforeChange?: 'off' | 'whenAvailable' | 'required'
  /**
   * Where a stream without a saved position begins: `'now'` (default), at a past time, or with `'backfill'`: every existing document first, as an insert
   * with `context.backfill`, and then every change since (docs/backfill.md).
   */
  readonly start?: 'now' | 'backfill' | { readonly at: Date }
  /**
   * When a change's attempts are used up. `stop` (default): nothing of it is saved, the stream stops at it. `park`: it is put aside with the later
   * changes of its key, and the other keys go on (docs/dead-letters.md).
   */
  readonly onError?: 'stop' | 'park'
  /** Which of a handler's errors are worth another attempt; `undefined` = as the table of docs/dead-letters.md says. */
  readonly classify?: Classify
  readonly deadLetters?: DeadLetterOptions
  /** `'skip'`: changes handled before are not handed over again (mail). Default `'run'`. */
  readonly onReplay?: 'run' | 'skip'
  readonly onInvalidate?: 'stop' | 'reopen'
  /**
   * When the oplog no longer holds the saved position: `'fail'` (default) stops; `'now'` goes on with what is written from then on; `'backfill'` hands
   * over every existing document before that. What was lost stays recorded as a gap.
   */
  readonly onHistoryLost?: 'fail' | 'backfill' | 'now'
  /** `'bulk'`: the writes, guarded, outside a transaction and then the checkpoint: for targets that others write all the time. */
  readonly delivery?: 'transaction' | 'bulk'
  /** Changes in the handler at once, of different keys; 1 = one after the other in stream order, each saved before the next. For `handle` only; default 8. */
  readonly concurrency?: number
  readonly retry?: RetryOptions
  readonly setup?: (context: LifecycleContext) => Promise<void> | void
  /** Called however the run ended. What it throws ends a run that went well; after a failure it is only logged, the failure is what is told. */
  readonly teardown?: (context: LifecycleContext) => Promise<void> | void
}

export type StreamOptions<T extends Document = Document> = CommonOptions<T> &
  ({ readonly handle: Handle<T>; readonly project?: never } | { readonly project: Project<T>; readonly handle?: never })

/** A stream as `defineStream` returns it: every option present, checked and frozen. */
export interface Stream<T extends Document = Document> {
  readonly name: string
  readonly watch: { readonly connection: string | null; readonly database: string | null; readonly collection: string | null }
  readonly pipeline: readonly Document[]
  // Methods, not function properties: a Stream<Reserva> must fit where a list of Stream is asked for.
  key(change: Change<T>): unknown
  readonly targets: Readonly<Record<string, Target>>
  readonly work:
    | { readonly kind: 'handle'; run(change: Change<T>, context: Context): ReturnType<Handle<T>> }
    | { readonly kind: 'project'; run(change: Change<T>, context: Context): ReturnType<Project<T>> }
  readonly fullDocument: 'default' | 'updateLookup' | 'whenAvailable' | 'required'
  readonly fullDocumentBeforeChange: 'off' | 'whenAvailable' | 'required'
  readonly start: 'now' | 'backfill' | { readonly at: Date }
  readonly onError: 'stop' | 'park'
  readonly classify: ((error: unknown) => FailureClass | undefined) | null
  readonly deadLetters: DeadLetterPolicy
  readonly onReplay: 'run' | 'skip'
  readonly onInvalidate: 'stop' | 'reopen'
  readonly onHistoryLost: 'fail' | 'backfill' | 'now'
  readonly delivery: 'transaction' | 'bulk'
  readonly concurrency: number
  readonly retry: RetryPolicy
  readonly setup: ((context: LifecycleContext) => Promise<void> | void) | null
  readonly teardown: ((context: LifecycleContext) => Promise<void> | void) | null
}

/** `RetryOptions` with every default filled in. */
export interface RetryPolicy {
  readonly attempts: number
  readonly minDelayMs: number
  readonly maxDelayMs: number
  readonly timeoutMs: number | null
}

/** `DeadLetterOptions` with every default filled in. */
export interface DeadLetterPolicy {
  readonly payload: 'none' | 'redacted' | 'full'
  readonly redact: readonly string[]
  readonly ttlMs: number | null
  readonly alertAt: number | null
}

export interface Target {
  readonly connection: string | null
  readonly database: string | null
  readonly collection: string
  readonly indexes: readonly IndexDescription[]
}
