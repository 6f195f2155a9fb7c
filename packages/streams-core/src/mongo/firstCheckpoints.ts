import { type Collection, MongoServerError } from 'mongodb'
import type { Position } from '../core/position.js'
import { skippedAfter } from '../core/positionMove.js'
import type { Checkpoint, CheckpointStore } from '../ports.js'
import { type CheckpointDocument, firstDocument } from './checkpointDocument.js'
import { type HistoryRow, mongoHistoryStore } from './historyStore.js'
import { findOlderPosition, refuseLiveOlderService } from './olderService.js'
import { type ResolvedPlaces, durableCollection } from './places.js'
import { toPositionDocument } from './positionDocument.js'

/** How a stream gets its first position: from an older service, or from where it begins. Nobody owns it yet. */
export function firstCheckpoints(
  state: ResolvedPlaces['state'],
  collection: Collection<CheckpointDocument>,
  load: CheckpointStore['load'],
): Pick<CheckpointStore, 'adopt' | 'create'> {
  const history = mongoHistoryStore(state)

  /** Inserts the first state, unless there is one; the history says who did. */
  async function insert(
    name: string,
    at: Position,
    row: Pick<HistoryRow, 'action' | 'by'>,
    fields: Partial<CheckpointDocument>,
  ): Promise<void> {
    try {
      const document = { ...firstDocument(at), ...fields }
      const { upsertedCount } = await collection.updateOne({ _id: name }, { $setOnInsert: document }, { upsert: true })
      if (upsertedCount === 0) return
    } catch (error) {
      // Two workers may start a new stream at once: the unique _id lets one through, and its position is as good as ours.
      if (error instanceof MongoServerError && error.code === 11000) return
      throw error
    }
    await tell(name, at, row, 0)
  }

  async function tell(name: string, at: Position, row: Pick<HistoryRow, 'action' | 'by'>, rev: number): Promise<void> {
    // Not in one transaction with the state: killed in it, we would hold up the next start for a minute, since nobody lists our sessions yet.
    await history.ensure()
    await history.add({ stream: name, ...row, reason: null, before: null, after: at, rev })
  }

  /** A first position for a stream that was forgotten: what lies between was never handed over, should it ever be put back. */
  async function startAgain(
    { name, rev, previous, highest, skipped }: Checkpoint,
    at: Position,
    fingerprint: string,
    by: string,
  ) {
    const from = previous?.token ?? null
    const unseen = from === null ? skipped : skippedAfter({ skipped, highest, since: null, from, to: at.token })
    const done = await collection.updateOne(
      { _id: name, rev, token: { $exists: false } },
      {
        $set: { ...toPositionDocument(at), fingerprint, skipped: [...unseen], resetTo: at.token },
        $inc: { rev: 1 },
        $currentDate: { updatedAt: true, movedAt: true },
      },
    )
    if (done.matchedCount === 1) await tell(name, at, { action: 'start', by }, rev + 1)
  }

  return {
    async adopt(name, fingerprint, by) {
      const saved = await load(name)
      const older = await findOlderPosition(durableCollection(state.client, state.database, state.collection), name)
      if (saved !== null) refuseLiveOlderService(saved, older)
      if (saved !== null || older === null) return saved
      // No `stream` field in our own document: the Go service updates by {stream: name} and would overwrite it.
      await insert(name, older, { action: 'adopt', by }, { fingerprint, adopted: { token: older.token, at: new Date() } })
      return await load(name)
    },

    async create(name, first, fingerprint, by) {
      const saved = await load(name)
      if (saved !== null && saved.position === null) await startAgain(saved, first, fingerprint, by)
      else await insert(name, first, { action: 'start', by }, { fingerprint })
    },
  }
}
