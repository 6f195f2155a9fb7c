import type { Advance, Checkpoint, Claim, SavedError } from '../ports.js'
import type { Position } from './position.js'
import { skippedAfter } from './positionMove.js'

// What the saved state becomes; null: the write matches nothing. mongo/ says the same as filters and updates, the twin in memory and the
// model execute these. The checkpoint is a type parameter, because the model keeps only the fields that decide something.

type Fields<K extends keyof Checkpoint> = Pick<Checkpoint, K>

/**
 * Becoming the owner: only a higher epoch, or our own fence once more when it landed and we did not hear of it. The position is that of the result, not one that was read before.
 */
export function fencedCheckpoint<C extends Fields<'epoch' | 'owner' | 'fingerprint' | 'lastError' | 'inDoubt' | 'restarts'>>(
  saved: C,
  { epoch, owner, fingerprint }: { readonly epoch: number; readonly owner: string; readonly fingerprint: string },
): { readonly checkpoint: C; readonly unclean: boolean } | null {
  if (saved.epoch === epoch && saved.owner === owner) return { checkpoint: saved, unclean: true }
  if (saved.epoch >= epoch) return null
  const isRestart = saved.owner !== null
  const restarts = saved.restarts + (isRestart ? 1 : 0)
  return {
    checkpoint: { ...saved, epoch, owner, fingerprint, lastError: null, restarts },
    unclean: isRestart || saved.inDoubt,
  }
}

/** A commit matches its epoch and its rev, and raises rev: an own commit whose answer was lost does not match when it is repeated. */
export function committedCheckpoint<C extends Fields<'epoch' | 'rev' | 'position' | 'highest' | 'uuid'>>(
  saved: C,
  claim: Pick<Claim, 'epoch' | 'rev'>,
  { position, settled, uuid }: Advance,
): C | null {
  if (saved.epoch !== claim.epoch || saved.rev !== claim.rev) return null
  // Only what was handed over counts as seen: a heartbeat's token is higher than any change.
  const highest = settled && (saved.highest === null || position.token > saved.highest) ? position.token : saved.highest
  return { ...saved, position, highest, uuid: uuid ?? saved.uuid, rev: saved.rev + 1 }
}

/**
 * The end of a run, once: repeated, it would bring back an error that an operator has taken back meanwhile. Beside that only the epoch counts: an own
 * commit that landed unnoticed does not keep a stop from being recorded.
 */
export function releasedCheckpoint<C extends Fields<'epoch' | 'owner' | 'lastError' | 'inDoubt'>>(
  saved: C,
  { epoch }: Pick<Claim, 'epoch'>,
  lastError: SavedError | null,
  inDoubt: boolean,
): C | null {
  return saved.epoch === epoch && saved.owner !== null ? { ...saved, owner: null, lastError, inDoubt } : null
}

/**
 * A start was refused at what is saved: only where nobody owns the stream, and only while that is still so. An owner has its own story, and the next
 * claim takes the error out. One that is there stays: it names the change that blocks. Neither `epoch` nor `rev` is touched: it is no move.
 */
export function refusedCheckpoint<C extends Fields<'epoch' | 'rev' | 'owner' | 'lastError'>>(
  saved: C,
  { epoch, rev }: Pick<Claim, 'epoch' | 'rev'>,
  lastError: SavedError,
): C | null {
  const isFree = saved.owner === null && saved.lastError === null
  return isFree && saved.epoch === epoch && saved.rev === rev ? { ...saved, lastError } : null
}

/** An operator's move, as planned at `rev`, under the epoch of the operator's own lease. */
export interface PlannedMove {
  readonly epoch: number
  readonly rev: number
  /** Null: the position is forgotten. */
  readonly to: Position | null
}

/** What a move needs to know; `resetTo`: token at which the last one put the position. */
export type Movable = Fields<'epoch' | 'rev' | 'position' | 'highest' | 'skipped' | 'previous' | 'lastError'> & {
  readonly resetTo: string | null
}

/** An operator's move: as planned, or not at all. It raises the epoch like a fence, so that no former owner can overwrite it. */
export function movedCheckpoint<C extends Movable>(saved: C, { epoch, rev, to }: PlannedMove): C | null {
  const { highest, resetTo: since } = saved
  // Where a stream was when it was forgotten is what its next place is compared with: an undo is a move like any other.
  const before = saved.position ?? saved.previous
  if (before === null || saved.rev !== rev || saved.epoch >= epoch) return null
  // Also of a stream that is forgotten: what was worked off since the last move is seen, and nobody will know any more.
  const skipped = skippedAfter({ skipped: saved.skipped, highest, since, from: before.token, to: (to ?? before).token })
  return { ...saved, position: to, epoch, rev: rev + 1, previous: before, skipped, resetTo: to?.token ?? null, lastError: null }
}

/**
 * An operator parks the change at `to`, or one behind it. That settles the change, as if a worker had parked it: the interval is not skipped, else a
 * rewind after its redrive would hand it over as never seen and send its mail twice.
 */
export function parkedCheckpoint<C extends Movable>(
  saved: C,
  { epoch, rev, to }: PlannedMove & { readonly to: Position },
): C | null {
  const { position: before, highest } = saved
  if (before === null || saved.rev !== rev || saved.epoch >= epoch) return null
  const isSettled = to.token > before.token && (highest === null || to.token > highest)
  return {
    ...saved,
    position: to,
    epoch,
    rev: rev + 1,
    previous: before,
    highest: isSettled ? to.token : highest,
    lastError: null,
  }
}
