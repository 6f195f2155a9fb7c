import type { Log } from '../log.js'
import type {
  ChangeSource,
  CheckpointStore,
  Clock,
  DeadLetterStore,
  LeaseStore,
  Observer,
  PauseStore,
  ProcessMark,
  TargetStore,
} from '../ports.js'
import { type Passing, unobserved } from '../core/crashPoints.js'
import type { Lending } from '../core/lending.js'
import type { Stream } from '../stream.js'
import type { Tracer } from '../tracer.js'
import type { Tally } from './tally.js'

/** Everything that one run of a stream works with: the definition and the ports, chosen once at the door. */
export interface Worker {
  readonly stream: Stream
  readonly owner: string
  readonly fingerprint: string
  readonly acceptDrift: boolean
  readonly source: ChangeSource
  readonly store: CheckpointStore
  readonly leases: LeaseStore
  /** Null where nobody can pause it: a state in memory has no operators. */
  readonly pauses: PauseStore | null
  /** How long a lease lasts without renewal. */
  readonly ttlMs: number
  readonly standby: boolean
  /** After an error that needs an operator, wait for him instead of ending. */
  readonly hold: boolean
  readonly takeOver: boolean
  /** Share of the oplog; below it, it is warned that the position will be forgotten. 0: never. */
  readonly headroomWarning: number
  readonly process: ProcessMark | null
  isGone(process: ProcessMark): boolean
  readonly targets: TargetStore
  readonly letters: DeadLetterStore
  /** Of sessions for transactions of handlers; absent where there are none. */
  readonly lending?: Lending
  /** The same text for equal keys of any BSON type. */
  keyText(key: unknown): string
  readonly clock: Clock
  readonly random: () => number
  readonly log: Log
  readonly observer: Observer
  readonly tally: Tally
  /** Null: nobody traces. */
  readonly tracer: Tracer | null
  readonly passing: Passing
  /** Aborts when nothing more is to be handed out: the run ends, or an operator pauses it. */
  readonly signal: AbortSignal
  /** The same without the pauses: aborts only when the run ends. Absent where nothing can be paused. */
  readonly runSignal?: AbortSignal
}

/** A worker that holds its stream's lease. */
export interface Owner extends Worker {
  /** Aborted, with what did it, when it has to drop everything: it has lost its lease, or cannot go on. `signal` is aborted by a wish to stop too. */
  readonly cutOff: AbortSignal
}

/** Calls one of the observer's methods; what it throws must not stop the stream. */
export function observe(observer: Observer, call: (observer: Observer) => void): void {
  try {
    call(observer)
  } catch {
    // Watching is not part of the work.
  }
}

/** Tells the observer of each crash point that `stream` passes; does nothing at all when it does not ask for them. */
export function announcer(observer: Observer, stream: string): Passing {
  if (observer.passing === undefined) return unobserved
  return (point) => observe(observer, (to) => to.passing?.({ stream, point }))
}
