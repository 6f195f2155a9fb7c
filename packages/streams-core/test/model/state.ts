import type { Movable } from '../../src/core/checkpointTransitions.js'
import { type KeptLease, neverOwned } from '../../src/core/leaseTransitions.js'
import type { Position, SkippedInterval } from '../../src/core/position.js'
import type { Advance, Checkpoint } from '../../src/ports.js'
import type { BrokenPromise } from './promises.js'

/**
 * What a change's effect is. transaction: with its checkpoint in one transaction; guarded: before its checkpoint, behind the ordered guard;
 * outside: before its checkpoint, in a place that nobody can undo (a mail); once: the same in a stream with onReplay 'skip'.
 */
export type Kind = 'transaction' | 'guarded' | 'outside' | 'once'

export interface Bounds {
  readonly workers: number
  readonly changes: readonly Kind[]
  /** How often each fault may happen, in total. */
  readonly faults: Faults
  /** Changes behind which an operator may put the position. */
  readonly targets: readonly number[]
  /** An operator may make the stream forgotten, too. */
  readonly forgets: boolean
  /** How many changes of one way of delivery a worker settles with one checkpoint, at the most. */
  readonly batch: number
}

export interface Faults {
  /** SIGKILL of a worker or of an operator's command. */
  readonly crash: number
  /** SIGSTOP, or a network that is gone for longer than a lease; the process may go on later. */
  readonly pause: number
  /** An answer that never comes, of a commit, a fence or a release; the write itself may arrive at any time, or never. */
  readonly unanswered: number
  /** A clean stop. */
  readonly stop: number
  /** A worker that is told to take over from a live one. */
  readonly takeOver: number
  /** A move of the position by an operator. */
  readonly move: number
  /** A position at which there is no change, saved. */
  readonly heartbeat: number
  /** A renewal whose sender hears nothing, and which arrives at any time, or never. */
  readonly renewal: number
}

/** The fields of a checkpoint that decide something. */
export type Saved = Movable & Pick<Checkpoint, 'uuid' | 'owner' | 'fingerprint' | 'restarts' | 'inDoubt'>

/** A transaction that is open on the server: what it has written is locked, and seen by nobody else. */
export interface Transaction {
  readonly session: number
  readonly by: number
  readonly saved: Saved | null
  /** Changes whose effects are in it: bit n for change n. */
  readonly effects: number
  readonly advance: Advance | null
  readonly claim: Claimed
  /** Its commit was sent and not answered: it may still arrive. */
  readonly sent: boolean
}

/** A message that was sent and not answered: it may still arrive. `begin` is the first write of a transaction. */
export interface Late {
  readonly kind: 'commit' | 'begin' | 'fence' | 'renewal' | 'release'
  /** -1: not in a transaction. */
  readonly session: number
  readonly by: number
  readonly claim: Claimed
  readonly advance: Advance | null
}

export interface Claimed {
  readonly epoch: number
  readonly rev: number
}

export type Phase =
  | 'down'
  | 'planned'
  | 'acquired'
  | 'reaped'
  | 'fenced'
  | 'forgotten'
  | 'run'
  | 'handed'
  | 'opened'
  | 'written'
  | 'unknown'
  | 'ended'
  | 'resolve'
  | 'leaving'
  | 'left'

/** A worker, or an operator's command: what its process knows. Times are relative to now. */
export interface Actor {
  readonly operator: boolean
  readonly phase: Phase
  readonly paused: boolean
  readonly session: number
  /** A session that hangs in an operation, -1: none. */
  readonly hung: number
  readonly epoch: number
  /** Epoch of the live lease that it is about to take, 0: none. */
  readonly over: number
  readonly sentAt: number
  readonly stopAt: number
  readonly claim: Claimed
  readonly position: number
  readonly highest: string | null
  readonly skipped: readonly SkippedInterval[]
  /** The checkpoint that it is about to save. */
  readonly advance: Advance | null
  /** Highest change of its batch whose effect is done outside of a transaction. */
  readonly done: number
  /** What became of its last transaction on the server. */
  readonly ended: 'no' | 'landed' | 'killed'
  /** `to` null: the stream is to be forgotten. */
  readonly plan: { readonly rev: number; readonly to: number | null } | null
}

export interface State {
  readonly lease: KeptLease<number>
  readonly saved: Saved
  readonly open: readonly Transaction[]
  readonly late: readonly Late[]
  /** How often the effect of each change is there, by its number; counted anew after a rewind where it is due again. */
  readonly effects: readonly number[]
  /** Token of the guard on the target. */
  readonly guard: number
  readonly actors: readonly Actor[]
  readonly left: Faults
  // What only an observer knows.
  /** Highest epoch that has fenced or moved. */
  readonly ownerEpoch: number
  /** Highest epoch that was taken from a live worker. */
  readonly forced: number
  /** Changes that an operator jumped over before they were settled: bit n for change n. */
  readonly excused: number
  /** Changes that were ever settled by handing them over. */
  readonly handled: number
  readonly broken: BrokenPromise | null
}

/** Change n lies at 2n, the place behind it (a heartbeat's) at 2n + 1. */
export const places = 24
const tokens = Array.from({ length: places }, (_, place) => String(place).padStart(2, '0'))
export const positions: readonly Position[] = tokens.map((token, place) => ({
  token,
  clusterTime: { t: place, i: 0 },
  by: 'own',
}))
export const advances: readonly Advance[] = positions.map((position, place) => ({
  position,
  settled: place % 2 === 0,
  uuid: null,
}))
export const placeOf = ({ token }: { readonly token: string }) => Number(token)
/** Of a stream that was forgotten: where it was. */
export const savedPlace = ({ saved: { position, previous } }: Pick<State, 'saved'>) => placeOf((position ?? previous)!)

export const nobody: Omit<Actor, 'operator'> = {
  phase: 'down',
  paused: false,
  session: -1,
  hung: -1,
  epoch: 0,
  over: 0,
  sentAt: 0,
  stopAt: 0,
  claim: { epoch: 0, rev: 0 },
  position: 0,
  highest: null,
  skipped: [],
  advance: null,
  done: 0,
  ended: 'no',
  plan: null,
}

/** A stream with a first position and nobody at work. */
export function initial({ workers, changes, faults }: Bounds): State {
  return {
    lease: neverOwned,
    saved: {
      position: positions[0]!,
      epoch: 0,
      rev: 0,
      highest: null,
      uuid: null,
      skipped: [],
      previous: null,
      resetTo: null,
      owner: null,
      fingerprint: null,
      lastError: null,
      restarts: 0,
      inDoubt: false,
    },
    open: [],
    late: [],
    effects: [0, ...changes.map(() => 0)],
    guard: 0,
    actors: Array.from({ length: workers + 1 }, (_, i) => ({ ...nobody, operator: i === workers })),
    left: faults,
    ownerEpoch: 0,
    forced: 0,
    excused: 0,
    handled: 0,
    broken: null,
  }
}
