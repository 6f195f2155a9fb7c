import type { Pause } from '../core/pause.js'
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
