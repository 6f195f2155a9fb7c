import { isScanning } from '../core/backfill.js'
import { type Position, compareTimes, compareTokens } from '../core/position.js'
import type { ChangeSource, Delivered } from '../ports.js'

export interface Found {
  /** Null: no change of this token comes after the position. */
  readonly delivered: Delivered | null
  /** Changes between the position and it. */
  readonly before: number
}

/** The change of a token among those after `from`, as the source lets them out. Nothing is handled. */
export async function findChange(source: ChangeSource, from: Position, token: string): Promise<Found> {
  const { signal } = new AbortController()
  if (isScanning(from)) return await findDocument(source, from, token, signal)
  // A token of the future never comes.
  const endTime = await source.serverTime()
  let before = 0
  await using reader = await source.open(from)
  for (;;) {
    const read = await reader.next(signal)
    if (read.kind === 'invalidated') return { delivered: null, before }
    if (read.kind === 'quiet') {
      const { reached } = reader
      if (reached === null) continue
      if (compareTokens(reached.token, token) >= 0 || compareTimes(reached.clusterTime, endTime) >= 0)
        return { delivered: null, before }
      continue
    }
    for (const delivered of read.changes) {
      const order = compareTokens(delivered.position.token, token)
      if (order >= 0) return { delivered: order === 0 ? delivered : null, before }
      before += 1
    }
  }
}

/** In the midst of a backfill what comes next is a document; a later change is not looked for: a position behind it would leave documents out. */
async function findDocument(source: ChangeSource, from: Position, token: string, signal: AbortSignal): Promise<Found> {
  let before = 0
  await using scan = await source.scan(from)
  for (;;) {
    const { documents, done } = await scan.next(signal)
    for (const delivered of documents) {
      const order = compareTokens(delivered.position.token, token)
      if (order >= 0) return { delivered: order === 0 ? delivered : null, before }
      before += 1
    }
    if (done) return { delivered: null, before }
  }
}
