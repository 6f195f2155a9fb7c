import type { ClientSession, Collection, Document, IndexDescription, Timestamp } from 'mongodb'
import type { Logger } from 'pino'
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
  /** `'unknown'` for changes that may have been in flight when the last run ended without a clean stop. */
  readonly redelivered: boolean | 'unknown'
  /** Aborted when the run is asked to stop; the change in hand may still finish. */
  readonly signal: AbortSignal
  readonly log: Logger
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
  readonly log: Logger
  target<D extends Document = Document>(alias: string): Collection<D>
}

export interface RetryOptions {
  /** Attempts per change, the first included. */
  readonly attempts?: number
  readonly minDelayMs?: number
  readonly maxDelayMs?: number
}

interface CommonOptions<T extends Document> {
  readonly name: string
  readonly watch?: NamespaceOptions
  readonly pipeline?: readonly Document[]
  /** Ordering key; default `documentKey._id`; `undefined` = a barrier. */
  readonly key?: (change: Change<T>) => unknown
  readonly targets?: Readonly<Record<string, TargetOptions>>
  readonly fullDocument?: 'default' | 'updateLookup' | 'whenAvailable' | 'required'
  /** Where a stream without a saved position begins. Default `'now'`. */
  readonly start?: 'now' | { readonly at: Date }
  readonly onError?: 'stop'
  /** `'skip'`: changes handled before are not handed over again (mail). Default `'run'`. */
  readonly onReplay?: 'run' | 'skip'
  readonly onInvalidate?: 'stop' | 'reopen'
  readonly onHistoryLost?: 'fail'
  /** `'bulk'`: the writes, guarded, outside a transaction and then the checkpoint: for targets that others write all the time. */
  readonly delivery?: 'transaction' | 'bulk'
  /** Changes in the handler at once, of different keys; 1 = one after the other in stream order, each saved before the next. For `handle` only; default 8. */
  readonly concurrency?: number
  readonly retry?: RetryOptions
  readonly setup?: (context: LifecycleContext) => Promise<void> | void
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
  readonly start: 'now' | { readonly at: Date }
  readonly onError: 'stop'
  readonly onReplay: 'run' | 'skip'
  readonly onInvalidate: 'stop' | 'reopen'
  readonly onHistoryLost: 'fail'
  readonly delivery: 'transaction' | 'bulk'
  readonly concurrency: number
  readonly retry: Required<RetryOptions>
  readonly setup: ((context: LifecycleContext) => Promise<void> | void) | null
  readonly teardown: ((context: LifecycleContext) => Promise<void> | void) | null
}

export interface Target {
  readonly connection: string | null
  readonly database: string | null
  readonly collection: string
  readonly indexes: readonly IndexDescription[]
}
