import type { Document } from 'mongodb'
import type { Change } from '../change.js'
import type { CrashPoint } from '../core/crashPoints.js'
import type { Position } from '../core/position.js'
import type { NewLetter, Observer } from '../ports.js'
import type { RunOptions, RunSummary } from '../runOptions.js'
import type { Write } from '../write.js'

export interface RunInMemory extends Pick<RunOptions, 'until' | 'max' | 'standby'> {
  /** Called when the run passes a point, before it goes on: the moment for a fault. */
  readonly passing?: (point: CrashPoint) => void
}

/** A stream with everything around it in memory: the engine is the real one, only MongoDB is not there. What it keeps outlives its runs. */
export interface StreamInMemory<T extends Document = Document> {
  /** Changes for it to read, from a `changeBuilder`. */
  add(...changes: readonly Change<T>[]): void
  /** Runs until it has caught up, without waiting between attempts. Rejects as `runStream` does: with HANDLER_FAILED and so on. */
  run(options?: RunInMemory): Promise<RunSummary>
  /**
   * The same for a process that dies at the `nth` passing of a point: nothing more happens, nothing is released; the next `run` is its restart.
   * @throws {StreamError} INVALID_OPTIONS when the run ends without passing it, with the points that it passed
   */
  crashAt(point: CrashPoint, nth?: number): Promise<void>
  /** Puts back what is parked, as `boletia-streams dead-letters redrive` does, and runs until that is done. */
  redrive(): Promise<RunSummary>
  /** Moves the saved position back by so many changes, as an operator's `reset` does: they come again, as a replay. Between runs only. */
  rewind(changes: number): Promise<void>

  /** From now on, or at the next step of the run in progress: */
  readonly faults: {
    /** The oplog has forgotten what was not read yet (HISTORY_LOST). */
    historyLost(): void
    /** The collection is dropped: INVALIDATED, or a reopening, as `onInvalidate` says. */
    invalidate(): void
    /** The primary steps down: reading fails once, and so does the next commit; its transaction, if it was one, is gone. */
    failover(): void
    /** The next commit lands, and its answer is lost: the worker must not do it twice. */
    lostAnswer(): void
    /** Another worker becomes the owner, and goes again: whoever runs now ends with FENCED. */
    leaseTheft(): void
  }

  /** The writes of a `project`, in the order of their commits; nothing interprets them, guards included. */
  readonly written: readonly Write[]
  /** What became of each change that was settled, over all runs. */
  readonly settled: readonly SettledChange[]
  /** What lies in the dead letters, in stream order. */
  readonly parked: readonly NewLetter[]
  /** The saved position; null before the first run. */
  readonly position: Position | null
}

export interface SettledChange {
  readonly token: string
  readonly outcome: Parameters<NonNullable<Observer['settled']>>[0]['outcome']
}
