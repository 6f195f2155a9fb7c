import type { Document } from 'mongodb'
import type { Position } from '../core/position.js'
import { StreamError } from '../streamError.js'
import { fromTimestamp } from './positionDocument.js'

// A server that is the primary writes something every ten seconds, and what a majority has its successor has too: nobody's own position is ahead by this much.
const aheadSeconds = 60

/**
 * Refuses a position that lies ahead of the server, as after a restore of older data or for another cluster: nothing comes until the server's
 * clock has reached it. `hello` is what the server says of itself.
 * @throws {StreamError} FUTURE_TIME
 */
export function refuseFuture(stream: string, { clusterTime }: Position, hello: Document): void {
  const last = hello['lastWrite']?.opTime?.ts
  if (last === undefined) return
  const { t } = fromTimestamp(last)
  if (clusterTime.t <= t + aheadSeconds) return
  const time = (seconds: number) => new Date(seconds * 1000).toISOString()
  throw new StreamError(
    'FUTURE_TIME',
    `stream ${stream}: its saved position, ${time(clusterTime.t)}, lies in the server's future (it has ${time(t)}): it is of another cluster, or of newer data than these; choose where to go on: boletia-streams reset ${stream} --to latest`,
    { details: { stream, saved: true } },
  )
}
