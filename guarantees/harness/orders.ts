import type { CrashPoint } from '@boletia/streams-core/testing'

/** What the effect of a change is, and how the library does it. */
export type StreamMode =
  /** A projection; writes and checkpoint in one transaction. */
  | 'project'
  /** A projection with `delivery: 'bulk'`: its guard carries exactly once. */
  | 'guarded'
  /** A handler, one change after the other: an effect of its own without a guard, and one with. */
  | 'handle'
  /** The same with keys side by side, and a checkpoint for many changes. */
  | 'lanes'
  /** The control of `guarded`: bulk writes that claim to need no guard. */
  | 'unguarded'

/** The plain loop of a driver, which has to fail. */
export type NaiveMode = 'effect first' | 'token first'

export type Mode = StreamMode | NaiveMode

/** A worker that passes `point` for the `nth` time sends itself the signal, there and then. */
export interface Ambush {
  readonly point: CrashPoint
  readonly nth: number
  readonly signal: 'SIGKILL' | 'SIGSTOP'
}

/** The one line on stdin that a warm worker waits for. Each ambush counts from the one before it. */
export interface WorkOrder {
  readonly ambushes: readonly Ambush[]
  readonly ttlMs: number
  readonly standby: boolean
  /** Ends by itself when everything written before its start is settled. */
  readonly untilCaughtUp: boolean
}

/** The same for an operator, who moves the stream's position by so many milliseconds. */
export interface MoveOrder {
  readonly ambushes: readonly Ambush[]
  readonly byMs: number
}

interface Timed<Event extends string> {
  readonly event: Event
  readonly at: number
}

interface Ambushed<Event extends string> extends Timed<Event> {
  readonly point: CrashPoint
  readonly signal: Ambush['signal']
}

/** A line on stdout; `at` is the wall clock. */
export type Said =
  | { readonly event: 'warm' }
  | Timed<'fenced'>
  | Timed<'opened'>
  | Timed<'settled'>
  | Ambushed<'signal'>
  /** Every ambush but the first. */
  | Ambushed<'signal again'>
  | { readonly event: 'ended'; readonly reason: string }
  /** `token`: of the change that the error names, where it was asked for. */
  | { readonly event: 'failed'; readonly code: string; readonly token?: string }

export type Heard<Event extends Said['event']> = Extract<Said, { readonly event: Event }>
