import { errorNumber } from '../core/errorClass.js'
import type { Position } from '../core/position.js'
import { tokenTime } from '../core/tokenTime.js'
import { type Viewpoint, look } from '../mongo/look.js'
import { serverClock } from '../mongo/serverClock.js'

const historyLost = 286

/** How far a stream is behind. `lost`: the server no longer holds its position. */
export interface Lag {
  readonly lagMs: number | null
  readonly lost: boolean
}

/**
 * Opens the stream's pipeline at its saved position, for a second at most: the first change that comes is the oldest unsettled one.
 * Null when the server is still searching then, or may not be asked.
 */
export async function lag(view: Viewpoint, position: Position): Promise<Lag> {
  try {
    const { majority } = await serverClock(view.namespace.client)
    await using looking = look(view, position, { timeMs: 1000, batchSize: 1, awaitMs: 1 })
    const looked = await looking.next()
    if (looked === null) return { lagMs: null, lost: false }
    const oldest = looked.changes[0]
    if (oldest === undefined) return { lagMs: 0, lost: false }
    const changed =
      oldest['wallTime'] instanceof Date
        ? oldest['wallTime'].getTime()
        : tokenTime((oldest['_id'] as { _data: string })._data).t * 1000
    // Behind is behind: a change of the same second, or newer than the clock was, must not read as caught up.
    return { lagMs: Math.max(1, majority.wall.getTime() - changed), lost: false }
  } catch (error) {
    return { lagMs: null, lost: errorNumber(error) === historyLost }
  }
}
