import type { InLane, Lanes } from '../core/lanes.js'
import type { Watermark } from '../core/watermark.js'
import type { Conditions } from './conditions.js'
import type { Settling } from './saver.js'
import type { Worker } from './worker.js'

// Rule 24: one key that does not come on must not fill the memory with what the others have done meanwhile.
const maxAhead = 10_000
const maxAheadBytes = 64 * 1024 * 1024
// Beyond the changes at work: enough that a place that becomes free finds something, little enough to keep memory flat.
const waitingPerPlace = 16
// Once a key has filled everything, each change that settles makes room for one more.
const warnEveryMs = 60_000

/** How far reading may run ahead of the handlers. */
export interface ReadAhead {
  /** Another change may be taken. */
  hasRoom(): boolean
  /** Resolves when there is room for a good deal: woken for each single change, the reading would cost more than the handing over. */
  room(): Promise<void>
}

/** `over`: nobody waits for room any more. */
export function readAhead<T extends InLane & Settling>(
  { stream, clock, log, tally }: Pick<Worker, 'stream' | 'clock' | 'log' | 'tally'>,
  lanes: Lanes<T>,
  watermark: Watermark<T>,
  { until }: Conditions,
  over: () => boolean,
): ReadAhead {
  const mostWaiting = waitingPerPlace * stream.concurrency
  let warnAgainAt = Number.NEGATIVE_INFINITY

  const isFull = () => watermark.ahead >= maxAhead || watermark.bytes >= maxAheadBytes
  const hasRoomFor = (waiting: number) => !isFull() && (lanes.hasPlace || lanes.waiting <= waiting)

  return {
    hasRoom: () => hasRoomFor(mostWaiting),

    async room() {
      if (isFull() && clock.now() >= warnAgainAt) {
        warnAgainAt = clock.now() + warnEveryMs
        const token = watermark.oldest?.delivered.position.token
        log.warn({ token }, 'reading waits for the oldest change to settle')
      }
      tally.full = isFull()
      await until(() => over() || hasRoomFor(mostWaiting / 2))
      tally.full = false
    },
  }
}
