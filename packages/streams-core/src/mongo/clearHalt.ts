import type { SavedError } from '../ports.js'
import type { CheckpointDocument } from './checkpointDocument.js'
import { type ResolvedPlaces, durableCollection } from './places.js'

/**
 * Takes the error of a stopped run out of the state: a worker that holds on begins again. Neither `rev` nor `epoch` is touched. False when there
 * is another error, or a worker, since.
 */
export async function clearHalt(state: ResolvedPlaces['state'], name: string, { at }: SavedError): Promise<boolean> {
  const checkpoints = durableCollection<CheckpointDocument>(state.client, state.database, state.collection)
  const done = await checkpoints.updateOne(
    { _id: name, owner: null, 'lastError.at': at },
    { $set: { lastError: null }, $currentDate: { updatedAt: true } },
  )
  return done.matchedCount === 1
}
