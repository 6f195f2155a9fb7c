import type { Delivered } from './ports.js'

/** Puts what is done into spans, for who traces; mongo-free and without an opinion on where they go (openTelemetry.ts). */
export interface Tracer {
  /** One attempt of the handler at a change. */
  handling<T>(change: Delivered, attempt: number, work: () => Promise<T> | T): Promise<T>
  /** Writes of so many changes, and the position behind them. */
  committing<T>(changes: number, work: () => Promise<T>): Promise<T>
  /** Saving a position. */
  saving<T>(work: () => Promise<T>): Promise<T>
  /** Whatever `work` does belongs to no span of its caller: a run is longer than the request that began it. */
  detached<T>(work: () => Promise<T>): Promise<T>
}
