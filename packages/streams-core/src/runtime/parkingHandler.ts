import type { Delivered } from '../ports.js'
import type { Committer } from './committer.js'
import type { Outcome } from './handler.js'
import type { Parking } from './parking.js'

/**
 * A handler that puts aside what the stream parks. It resolves only when that is durable, so that the watermark never passes a change which is
 * neither handled nor parked; in a transaction with the checkpoint's claim, so that a worker which was fenced parks nothing that its successor handles.
 */
export function parkingHandler(
  hand: (delivered: Delivered) => Promise<Outcome>,
  parking: Parking,
  committer: Pick<Committer, 'beside'>,
): (delivered: Delivered) => Promise<Outcome> {
  return async function settle(delivered) {
    let letter = parking.held(delivered)
    if (letter === null) {
      try {
        return await hand(delivered)
      } catch (error) {
        letter = parking.parked(delivered, error)
      }
    }
    const letters = [letter]
    await committer.beside((session) => parking.add(letters, session))
    parking.added(letters)
    return letter.state
  }
}
