import type { CrashPoint } from './core/crashPoints.js'
import type { Position } from './core/position.js'
import type { Written } from './vitals.js'

/** Sees what happens; whatever it throws is ignored. Every method is optional. */
export interface Observer {
  opened?(event: { readonly stream: string; readonly from: Position }): void
  settled?(event: {
    readonly stream: string
    readonly token: string
    readonly outcome: 'handled' | 'skipped' | 'parked' | 'held'
    readonly durationMs: number
  }): void
  /** A change was put aside, durably; `error` is the handler's for a parked one. */
  parked?(event: {
    readonly stream: string
    readonly token: string
    readonly state: 'parked' | 'held'
    readonly error: unknown
  }): void
  /** A parked or held change was put back; `failed`: its attempts were used up again, and it stays. */
  redriven?(event: {
    readonly stream: string
    readonly token: string
    readonly outcome: 'handled' | 'failed'
    readonly error: unknown
  }): void
  /** Nothing of these keys is left in the dead letters, by a redrive, a discard or their end of life: their changes are handled again. */
  released?(event: { readonly stream: string; readonly keys: number }): void
  /** So many changes of the stream are parked that somebody should look (`deadLetters.alertAt`); once each time that they come to be so many. */
  alert?(event: { readonly stream: string; readonly parked: number; readonly alertAt: number }): void
  /** A position was saved, with the writes of its batch or alone; `durationMs` is how long the saving took. */
  committed?(event: { readonly stream: string; readonly position: Position; readonly durationMs: number }): void
  /** The writes of so many changes and the position behind them are durable. */
  batch?(event: {
    readonly stream: string
    readonly changes: number
    readonly writes: number
    readonly written: Written
    readonly durationMs: number
  }): void
  /**
   * An attempt at a change has left the handler, by returning or by throwing. Bare arguments: it is called for each change, some 30,000
   * times a second, and makes nothing that has to be thrown away.
   */
  attempted?(stream: string, durationMs: number): void
  retrying?(event: { readonly stream: string; readonly attempt: number; readonly error: unknown }): void
  reopening?(event: { readonly stream: string; readonly delayMs: number; readonly error: unknown }): void
  /** A place at which the process could die (core/crashPoints.ts); nothing else happens until it returns. */
  passing?(event: { readonly stream: string; readonly point: CrashPoint }): void
}
