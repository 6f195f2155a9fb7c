import type { NewLetter } from '../ports.js'
import type { Committer } from './committer.js'
import type { Outcome } from './handler.js'
import type { Parking } from './parking.js'

/**
 * Puts aside what the stream parks. It resolves only when that is durable, so that the watermark never passes a change which is neither handled nor
 * parked; in a transaction with the checkpoint's claim, so that a worker which was fenced parks nothing that its successor handles.
 */
export function setAsideBy(parking: Parking, committer: Pick<Committer, 'beside'>): (letter: NewLetter) => Promise<Outcome> {
  return async (letter) => {
    const letters = [letter]
    await committer.beside((session) => parking.add(letters, session))
    parking.added(letters)
    return letter.state
  }
}
