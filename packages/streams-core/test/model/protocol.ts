import {
  committedCheckpoint,
  fencedCheckpoint,
  movedCheckpoint,
  releasedCheckpoint,
} from '../../src/core/checkpointTransitions.js'
import { commitOutcome } from '../../src/core/commitOutcome.js'
import { leaseTimes, mayHandOut } from '../../src/core/leaseTimes.js'
import { acquiredLease, leaseToTakeOver, releasedLease, renewedLease, settledLease } from '../../src/core/leaseTransitions.js'
import { isReplay } from '../../src/core/position.js'
import { skippedAfter } from '../../src/core/positionMove.js'
import { unknownCommit } from '../../src/core/unknownCommit.js'

/** The decisions that the model executes, from core/ itself. A mutant is this object with one of them replaced. */
export const decisions = {
  acquiredLease,
  renewedLease,
  releasedLease,
  settledLease,
  leaseToTakeOver,
  leaseTimes,
  mayHandOut,
  fencedCheckpoint,
  committedCheckpoint,
  releasedCheckpoint,
  movedCheckpoint,
  commitOutcome,
  unknownCommit,
  isReplay,
  skippedAfter,
}

/**
 * The order of the steps, which is no function of core/: it is the code of mongo/checkpointStore.ts, mongo/moveCheckpoint.ts and runtime/run.ts.
 * Each has a test on a real mongod with the naive version beside it (test/mongo/ownership.mongo.test.ts).
 */
export interface Order {
  /** Rule 9: before it fences, a new owner kills the sessions of the former ones, again and again while the fence runs into its time limit. */
  readonly killsBeforeFence: boolean
  /** Rule 9: the position is that of the fence's result; false: read before it. */
  readonly positionFromFence: boolean
  /** Rule 10: a stream that was forgotten begins anew after the fence, which ends what a killed operator has open. */
  readonly beginsAsOwner: boolean
  /** Rule 13: in a transaction the checkpoint comes first. */
  readonly checkpointFirst: boolean
  /**
   * Rule 12: what follows a commit in a transaction that stayed unknown. raises rev: own sessions are killed, and the position is saved once more
   * where it was, after which no late commit matches; looks: only the saved state is looked at; nothing: the change is read again.
   */
  readonly unknown: 'raises rev' | 'looks' | 'nothing'
  /** Rule 12: the next transaction is on the same session, which ends the former one. */
  readonly sameSession: boolean
  /** Who does not know what became of its transaction does not release its lease: its sessions stay listed. */
  readonly keepsLeaseInDoubt: boolean
  /** Rule 8: a session that could not be listed is not used. */
  readonly checksListing: boolean
}

export const order: Order = {
  killsBeforeFence: true,
  positionFromFence: true,
  beginsAsOwner: true,
  checkpointFirst: true,
  unknown: 'raises rev',
  sameSession: true,
  keepsLeaseInDoubt: true,
  checksListing: true,
}

export type Decisions = typeof decisions
export interface Protocol extends Decisions {
  readonly order: Order
}

export const protocol: Protocol = { ...decisions, order }
