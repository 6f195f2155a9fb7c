import type { Pause } from '../core/pause.js'
import type { CurrentPause, PauseStore } from '../ports.js'
import { type CheckpointDocument, fromCheckpointDocument, stateVersion } from './checkpointDocument.js'
import { type ResolvedPlaces, durableCollection } from './places.js'

/**
 * Sets (or, with null, takes back) the pause of a stream, in its own document. Neither `rev` nor `epoch` is touched: a worker goes on owning
 * what it owns, and its next commit matches. Resolves with the document as it was; null when there is none.
 */
export async function savePause(
  state: ResolvedPlaces['state'],
  name: string,
  pause: Pause | null,
): Promise<CheckpointDocument | null> {
  const checkpoints = durableCollection<CheckpointDocument>(state.client, state.database, state.collection)
  const before = await checkpoints.findOneAndUpdate(
    { _id: name, v: { $lte: stateVersion } },
    {
      $set: { paused: pause?.reason ?? null, pausedUntil: pause?.until ?? null, pauseSeen: null },
      $currentDate: { updatedAt: true },
    },
    { returnDocument: 'before' },
  )
  if (before !== null) return before
  const newer = await checkpoints.findOne({ _id: name })
  // Throws: a document that exists and did not match is of a newer program.
  if (newer !== null) fromCheckpointDocument(newer)
  return null
}

/** What a running worker asks, on the server's clock. */
export function mongoPauseStore(state: ResolvedPlaces['state']): PauseStore {
  const checkpoints = durableCollection<CheckpointDocument>(state.client, state.database, state.collection)
  return {
    async load(name) {
      const untimed = { $eq: [{ $ifNull: ['$pausedUntil', null] }, null] }
      const remainingMs = { $cond: [untimed, null, { $subtract: ['$pausedUntil', '$$NOW'] }] }
      const [found] = await checkpoints
        .aggregate<CurrentPause>([
          { $match: { _id: name, paused: { $type: 'string' } } },
          { $project: { _id: 0, reason: '$paused', remainingMs, seenBy: { $ifNull: ['$pauseSeen.by', null] } } },
        ])
        .toArray()
      return found === undefined || (found.remainingMs !== null && found.remainingMs <= 0) ? null : found
    },

    async seen(name, owner) {
      await checkpoints.updateOne({ _id: name, paused: { $type: 'string' } }, [
        { $set: { pauseSeen: { by: { $literal: owner }, at: '$$NOW' } } },
      ])
    },
  }
}
