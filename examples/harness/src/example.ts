import type { CrashPoint } from '@boletia/streams-core/testing'
import type { Db } from 'mongodb'

/** Where a worker kills itself with SIGKILL. */
export type Crash = (
  | {
      /** When one of its streams (or `stream`) passes this point. */
      readonly at: CrashPoint
      readonly stream?: string
    }
  | {
      /** When the server has answered a write of this collection, and before anybody in the process knows. */
      readonly wrote: string
    }
) & {
  /** For the nth time. */
  readonly nth: number
  /** What the worker that dies there runs instead of the example's `streams`, of an older deploy for example. */
  readonly streams?: URL
}

/** One example, as the harness plays it. */
export interface Example {
  readonly name: string
  /** What has to hold in the end, in one sentence. */
  readonly invariant: string
  /** The compiled module whose export `streams` is the list of streams that each worker runs. */
  readonly streams: URL
  /** What has to be there before the first worker starts. */
  prepare?(db: Db): Promise<void>
  /** The application: writes as its users do, until `over` is aborted. */
  work(db: Db, over: AbortSignal): Promise<void>
  /** What the checker wants to have seen: the application goes on until it is there, however fast the workers died. */
  enough?(db: Db): Promise<boolean>
  /** Called once the application has stopped, while the last worker runs: resolves when nothing is on its way any more. */
  settle?(db: Db): Promise<void>
  /** Where the workers die, one after the other. */
  readonly crashes: readonly Crash[]
  /** The checker, with the bare driver and nothing of the library: what is wrong, a sentence each. */
  check(db: Db): Promise<readonly string[]>
  /** What each worker's environment has beside MONGODB_URI. */
  readonly env?: Readonly<Record<string, string>>
}

/** An example that needs something beside MongoDB, which goes with it. */
export type OpenExample = Example & AsyncDisposable
