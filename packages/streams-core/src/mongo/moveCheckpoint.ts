import { setTimeout as delay } from 'node:timers/promises'
import { errorNumber } from '../core/errorClass.js'
import type { Position } from '../core/position.js'
import { skippedAfter } from '../core/positionMove.js'
import { type CheckpointDocument, fromCheckpointDocument } from './checkpointDocument.js'
import { type HistoryRow, mongoHistoryStore } from './historyStore.js'
import { killSessions, mongoLeases } from './ownership.js'
import { type ResolvedPlaces, durableCollection } from './places.js'
import { toPositionDocument } from './positionDocument.js'
import { sessionTransaction } from './sessionTransaction.js'

export interface Move {
  readonly name: string
  /** The position may only be moved as it was planned. */
  readonly rev: number
  readonly to: Position
  /** Null leaves the saved one: nobody knows the definition. */
  readonly fingerprint: string | null
  readonly row: Pick<HistoryRow, 'action' | 'by' | 'reason'>
}

export type MoveOutcome =
  | { readonly kind: 'moved'; readonly rev: number; readonly before: Position }
  /** It is not the position of the plan any more; `rev` null when the document is gone. */
  | { readonly kind: 'changed'; readonly rev: number | null; readonly owner: string | null }
  /** Somebody's transaction held the document for all of `busyForMs`. */
  | { readonly kind: 'busy'; readonly owner: string | null }

const busyForMs = 2000
const maxTimeMsExpired = 50

/**
 * An operator's move (protocol, rule 10): position, raised epoch and rev, and the history row, all or nothing. The raised epoch makes
 * every write of the former owner match nothing; a conditional write without it would be overwritten by that owner.
 */
export async function moveCheckpoint(state: ResolvedPlaces['state'], move: Move): Promise<MoveOutcome> {
  const { client, database, collection } = state
  const checkpoints = durableCollection<CheckpointDocument>(client, database, collection)
  const history = mongoHistoryStore(state)
  await history.ensure()

  await using session = client.startSession({ causalConsistency: false })
  const deadline = performance.now() + busyForMs
  let outcome: MoveOutcome = { kind: 'busy', owner: null }

  async function body(): Promise<boolean> {
    const document = await checkpoints.findOne({ _id: move.name }, { session })
    const saved = document && fromCheckpointDocument(document)
    const before = saved?.position
    if (!document || !saved || !before || saved.rev !== move.rev) {
      outcome = { kind: 'changed', rev: saved?.rev ?? null, owner: saved?.owner ?? null }
      return false
    }
    outcome = { kind: 'busy', owner: saved.owner }
    const epoch = saved.epoch + 1
    const skipped = skippedAfter({
      skipped: saved.skipped,
      highest: saved.highest,
      since: document.resetTo ?? null,
      from: before.token,
      to: move.to.token,
    })
    const to = toPositionDocument(move.to)
    const done = await checkpoints.updateOne(
      { _id: move.name, epoch: { $lt: epoch }, rev: move.rev },
      {
        $set: {
          ...to,
          epoch,
          previous: toPositionDocument(before),
          skipped,
          resetTo: move.to.token,
          lastError: null,
          ...(move.fingerprint !== null && { fingerprint: move.fingerprint }),
        },
        // Type bits of the former position would make the new token unreadable.
        ...(to.typeBits === undefined && { $unset: { typeBits: '' } }),
        $inc: { rev: 1 },
        $currentDate: { movedAt: true },
      },
      { session, maxTimeMS: busyForMs },
    )
    if (done.matchedCount === 0) return false
    await history.add({ ...move.row, stream: move.name, before, after: move.to, rev: move.rev + 1 }, session)
    outcome = { kind: 'moved', rev: move.rev + 1, before }
    return true
  }

  for (;;) {
    if ((await sessionTransaction(session, true, body).catch(contendedWhenLate)) !== 'contended') return outcome
    if (performance.now() > deadline) return outcome
    // A worker that was killed in a transaction still locks the document; a live one loses its claim by this move anyway.
    await killSessions(client, await mongoLeases(client, database, collection).sessions(move.name))
    await delay(20)
  }
}

function contendedWhenLate(error: unknown): 'contended' {
  if (errorNumber(error) === maxTimeMsExpired) return 'contended'
  throw error
}
