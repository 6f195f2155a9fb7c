import { classify } from '../core/errorClass.js'
import type { Position } from '../core/position.js'
import { type Viewpoint, look } from '../mongo/look.js'
import { StreamError } from '../streamError.js'
import { fault } from './fault.js'

/**
 * Proves that the server opens a stream at a position, by opening it; what it finds there does not matter.
 * @throws {StreamError} HISTORY_LOST or TOKEN_UNUSABLE, with what to type next
 */
export async function proveOpen(name: string, view: Viewpoint, position: Position): Promise<void> {
  try {
    // Time up is fine: a server that searches for the first match has opened the position.
    await using looking = look(view, position, { timeMs: 1000, batchSize: 1, awaitMs: 1 })
    await looking.next()
  } catch (error) {
    const found = classify(error)
    if (found.kind === 'fatal' && found.code === 'HISTORY_LOST') throw historyLost(name, position, error)
    if (found.kind === 'fatal' && found.code === 'TOKEN_UNUSABLE') {
      throw new StreamError(
        'TOKEN_UNUSABLE',
        `stream ${name}: the server cannot open that position; give a time instead: boletia-streams reset ${name} --to <time>`,
        {
          cause: error,
          details: { stream: name, clusterTime: position.clusterTime },
        },
      )
    }
    throw fault(error, `stream ${name}`)
  }
}

function historyLost(name: string, position: Position, cause: unknown): StreamError<'HISTORY_LOST'> {
  const time = new Date(position.clusterTime.t * 1000).toISOString()
  return new StreamError(
    'HISTORY_LOST',
    `stream ${name}: the oplog no longer reaches back to ${time}; the oldest position that opens is boletia-streams reset ${name} --to earliest`,
    { cause, details: { stream: name, clusterTime: position.clusterTime } },
  )
}
