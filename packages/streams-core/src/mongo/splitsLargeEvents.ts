import type { MongoClient } from 'mongodb'
import { errorNumber } from '../core/errorClass.js'
import { type WatchedNamespace, changeStreamCommand, killCursor, openCursor } from './watchedNamespace.js'

/** The stage behind which no change is too large: it comes in parts. */
export const splitStage = { $changeStreamSplitLargeEvent: {} }

const unknownStage = 40324
const known = new WeakMap<MongoClient, boolean>()

/** Whether the server knows the stage: asked once of each client's server, because a version says it only in part (6.0.9, 7.0). */
export async function splitsLargeEvents(namespace: WatchedNamespace): Promise<boolean> {
  const { client } = namespace
  const before = known.get(client)
  if (before !== undefined) return before
  const { database, command } = changeStreamCommand(namespace, [splitStage], {})
  try {
    const opened = await client.db(database).command(command, { readPreference: 'primary' })
    await killCursor(client, openCursor(opened))
    known.set(client, true)
    return true
  } catch (error) {
    // Anything else says nothing of the stage, and reading will meet it again.
    if (errorNumber(error) === unknownStage) known.set(client, false)
    return false
  }
}
