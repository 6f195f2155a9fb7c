import { classify } from '../core/errorClass.js'
import type { Position } from '../core/position.js'
import { type Viewpoint, look } from '../mongo/look.js'
import { StreamError, isStreamError } from '../streamError.js'
import { type Asked, askAgain } from './asked.js'
import { fault } from './fault.js'

/**
 * Proves that the server opens a stream at a position, by opening it; what it finds there does not matter.
 * @throws {StreamError} HISTORY_LOST or TOKEN_UNUSABLE, with what to type next
 */
export async function proveOpen(name: string, view: Viewpoint, position: Position, asked: Asked = 'reset'): Promise<void> {
  try {
    // Time up is fine: a server that searches for the first match has opened the position.
    await using looking = look(view, position, { timeMs: 1000, batchSize: 1, awaitMs: 1 })
    await looking.next()
  } catch (error) {
    if (isHistoryLost(error)) throw historyLost(name, position, asked, error)
    const found = classify(error)
    if (found.kind === 'fatal' && found.code === 'TOKEN_UNUSABLE') {
      throw new StreamError(
        'TOKEN_UNUSABLE',
        `stream ${name}: the server cannot open that position; give a time instead: ${askAgain(asked, name, '<time>')}`,
        {
          cause: error,
          details: { stream: name, clusterTime: position.clusterTime },
        },
      )
    }
    throw fault(error, `stream ${name}`)
  }
}

/** The server's answer to whom it cannot give every change since a place. */
export function isHistoryLost(error: unknown): boolean {
  const found = classify(error)
  return isStreamError(error, 'HISTORY_LOST') || (found.kind === 'fatal' && found.code === 'HISTORY_LOST')
}

/** `asked` is in its details too: of a replay or a look back it is no reason to touch the saved position. */
export function historyLost(name: string, { clusterTime }: Position, asked: Asked, cause: unknown): StreamError<'HISTORY_LOST'> {
  const time = new Date(clusterTime.t * 1000).toISOString()
  const instead = `${asked === 'peek' ? 'look back less far' : 'the oldest position that opens'}: ${askAgain(asked, name, 'earliest')}`
  const untouched = asked === 'reset' ? '' : '; the saved position is not concerned'
  return new StreamError('HISTORY_LOST', `stream ${name}: the oplog no longer reaches back to ${time}; ${instead}${untouched}`, {
    cause,
    details: { stream: name, clusterTime, asked },
  })
}
