import { setTimeout as delay } from 'node:timers/promises'
import { type Movable, movedCheckpoint, parkedCheckpoint } from '../core/checkpointTransitions.js'
import { errorNumber, maxTimeMsExpired } from '../core/errorClass.js'
import type { Position } from '../core/position.js'
import type { Acquired, Lease, NewLetter, ProcessMark } from '../ports.js'
import { type Passing, unobserved } from '../core/crashPoints.js'
import { type CheckpointDocument, firstDocument, fromCheckpointDocument } from './checkpointDocument.js'
import { mongoDeadLetterStore } from './deadLetterStore.js'
import { type HistoryRow, mongoHistoryStore } from './historyStore.js'
import { mongoLeaseStore } from './leaseStore.js'
import { killSessions, ownSessions } from './ownSessions.js'
import { type ResolvedPlaces, durableCollection } from './places.js'
import { absentParts, toPositionDocument } from './positionDocument.js'
import { sessionTransaction } from './sessionTransaction.js'

export interface Move {
  readonly name: string
  /** The position may only be moved as it was planned; null: as long as nothing at all is saved. */
  readonly rev: number | null
  /** Null: the position is forgotten. */
  readonly to: Position | null
  /** Null leaves the saved one: nobody knows the definition. */
  readonly fingerprint: string | null
  /** The operator as a short-lived owner; `isGone` tells a holder that is certainly dead. */
  readonly holder: { readonly owner: string; readonly process: ProcessMark | null; isGone(process: ProcessMark): boolean }
  readonly row: Pick<HistoryRow, 'action' | 'by' | 'reason'>
  /** A change that is put aside with the move, which is a settling then and no skip. */
  readonly park?: NewLetter
}

export type MoveOutcome =
  | { readonly kind: 'moved'; readonly rev: number; readonly before: Position | null }
  /** A live worker holds the stream: nothing was tried. */
  | { readonly kind: 'held'; readonly lease: Lease }
  /** It is not the position of the plan any more; `rev` null when the document is gone. */
  | { readonly kind: 'changed'; readonly rev: number | null; readonly owner: string | null }
  /** Somebody's transaction held the document for all of `busyForMs`. */
  | { readonly kind: 'busy'; readonly owner: string | null }

const busyForMs = 2000
const leaseMs = 10_000

/**
 * An operator's move (protocol, rule 10) is a short-lived owner: it acquires the lease, ends what former owners have open, and writes
 * position, epoch, rev and the history row, all or nothing. The raised epoch makes every write of a former owner match nothing; a conditional
 * write without it would be overwritten by that owner.
 */
export async function moveCheckpoint(
  state: ResolvedPlaces['state'],
  move: Move,
  passing: Passing = unobserved,
): Promise<MoveOutcome> {
  const { client, database, collection } = state
  const checkpoints = durableCollection<CheckpointDocument>(client, database, collection)
  const history = mongoHistoryStore(state)
  const letters = mongoDeadLetterStore(state)
  await history.ensure()
  if (move.park !== undefined) await letters.ensure(move.name)

  await using sessions = ownSessions(client)
  const leases = mongoLeaseStore(state, sessions)
  const acquired = await acquire()
  if (acquired.kind === 'held') return acquired
  passing('move.acquired')
  const { epoch } = acquired
  const session = sessions.transactions
  const deadline = performance.now() + busyForMs
  let outcome: MoveOutcome = { kind: 'busy', owner: null }
  let inDoubt = false

  async function body(): Promise<boolean> {
    const document = await checkpoints.findOne({ _id: move.name }, { session })
    const saved = document && { ...fromCheckpointDocument(document), resetTo: document.resetTo ?? null }
    if (saved === null && move.rev === null && move.to !== null) return await putFirst(move.to)
    const before = saved?.position ?? saved?.previous
    const moved = saved && move.rev !== null && movedFrom(saved, move.rev)
    if (!saved || !before || !moved) {
      outcome = { kind: 'changed', rev: saved?.rev ?? null, owner: saved?.owner ?? null }
      return false
    }
    outcome = { kind: 'busy', owner: saved.owner }
    const to = move.to && toPositionDocument(move.to)
    // The conditions of `movedCheckpoint` once more, so that the server holds to them too.
    const done = await checkpoints.updateOne(
      { _id: move.name, epoch: { $lt: epoch }, rev: saved.rev },
      {
        $set: {
          ...to,
          epoch: moved.epoch,
          previous: toPositionDocument(before),
          highest: moved.highest,
          skipped: moved.skipped,
          resetTo: moved.resetTo,
          lastError: moved.lastError,
          ...(move.fingerprint !== null && { fingerprint: move.fingerprint }),
        },
        $unset: {
          ...absentParts(to ?? {}),
          ...(to === null && { token: '' as const, clusterTime: '' as const, by: '' as const }),
        },
        $inc: { rev: 1 },
        $currentDate: { movedAt: true },
      },
      { session, maxTimeMS: busyForMs },
    )
    if (done.matchedCount === 0) return false
    passing('move.positionWritten')
    if (move.park !== undefined) await letters.add([move.park], session)
    await history.add({ ...move.row, stream: move.name, before, after: move.to, rev: moved.rev }, session)
    passing('move.committing')
    outcome = { kind: 'moved', rev: moved.rev, before }
    return true
  }

  function movedFrom(saved: Movable, rev: number): Movable | null {
    const { to, park } = move
    return park !== undefined && to !== null
      ? parkedCheckpoint(saved, { epoch, rev, to })
      : movedCheckpoint(saved, { epoch, rev, to })
  }

  async function putFirst(to: Position): Promise<boolean> {
    const document = {
      _id: move.name,
      ...firstDocument(to),
      epoch,
      ...(move.fingerprint !== null && { fingerprint: move.fingerprint }),
    }
    await checkpoints.insertOne(document, { session })
    passing('move.positionWritten')
    await history.add({ ...move.row, stream: move.name, before: null, after: to, rev: document.rev }, session)
    passing('move.committing')
    outcome = { kind: 'moved', rev: document.rev, before: null }
    return true
  }

  async function acquire(): Promise<Acquired> {
    const request = { name: move.name, ...move.holder, ttlMs: leaseMs }
    const first = await leases.acquire({ ...request, over: null })
    if (first.kind === 'acquired' || first.lease.process === null || !move.holder.isGone(first.lease.process)) return first
    return await leases.acquire({ ...request, over: first.lease.epoch })
  }

  async function untilDone(): Promise<MoveOutcome> {
    for (;;) {
      // A worker that was killed in a transaction still locks the document.
      await killSessions(client, await leases.formerSessions(move.name))
      passing('move.sessionsKilled')
      inDoubt = true
      const ended = await sessionTransaction(session, true, body).catch(contendedWhenLate)
      inDoubt = false
      if (ended !== 'contended') return outcome
      if (performance.now() > deadline) return outcome
      await delay(20)
    }
  }

  try {
    const done = await untilDone()
    if (done.kind === 'moved') passing('move.committed')
    return done
  } finally {
    // What became of its transaction is not known: its session stays listed, for the next owner to end, and the lease expires by itself.
    if (!inDoubt) {
      await leases.release(move.name, epoch)
      passing('move.released')
    }
  }
}

function contendedWhenLate(error: unknown): 'contended' {
  if (errorNumber(error) === maxTimeMsExpired) return 'contended'
  throw error
}
