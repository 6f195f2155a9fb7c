import { type ClusterTime, type Position, compareTimes, compareTokens } from '../core/position.js'
import type { ChangeReader } from '../ports.js'
import type { RunSummary } from '../runOptions.js'
import type { Reading } from './reading.js'

const heartbeatMs = 10_000

/**
 * Gives what a reader brings to the stream's work until the run's ending is reached (resolves with the reason) or the stream was
 * invalidated (resolves with `invalidated`). Rejects with the signal's reason on abort, and with whatever reading or the work threw.
 */
export async function follow(
  { worker, progress, keeper, work, committer, feed, ending }: Reading,
  reader: ChangeReader,
): Promise<RunSummary['reason'] | 'invalidated'> {
  const { stream, clock, passing } = worker
  const signal = AbortSignal.any([worker.signal, work.failed])
  const { max, through } = ending
  let beat = clock.now()
  let quietAt: ClusterTime | null = null

  /** Saves a position at which there is no change: everything read before it is settled. */
  async function pass(position: Position): Promise<void> {
    passing('heartbeat.saving')
    await committer.save(progress.heartbeat(position))
    passing('heartbeat.saved')
    feed.last = { position }
    beat = clock.now()
  }

  /** Who waits for everything up to here need not wait for the next quiet moment. */
  function reachedOnceDrained(time: ClusterTime): void {
    const isWaiting = quietAt !== null
    quietAt = time
    if (isWaiting) return
    void work
      .drained()
      .then(() => progress.reached(quietAt!, true))
      .catch(() => undefined)
      .finally(() => (quietAt = null))
  }

  async function ended<T>(reason: T): Promise<T> {
    await work.drained()
    return reason
  }

  /** Looked at whenever time has passed, not for each change. */
  async function mayGoOn(): Promise<void> {
    signal.throwIfAborted()
    // A worker that was frozen longer than its lease learns here that somebody else may be at work.
    if (!keeper.mayHandOutNow()) await keeper.mayHandOut(signal)
  }

  for (;;) {
    if (feed.taken >= max) return await ended('max')
    signal.throwIfAborted()
    passing('read.asked')
    const read = await reader.next(signal)
    passing('read.answered')
    if (read.kind === 'quiet') {
      const { reached } = reader
      if (reached === null) continue
      const isEnd = through !== null && compareTimes(reached.clusterTime, through) >= 0
      if (isEnd) await work.drained()
      if (!work.idle) {
        reachedOnceDrained(reached.clusterTime)
        beat = clock.now()
        continue
      }
      // In a quiet stream the oplog would otherwise forget a position behind which nothing is missing.
      const due = isEnd || clock.now() - beat >= heartbeatMs
      if (due && compareTokens(reached.token, progress.position.token) >= 0) await pass(reached)
      progress.reached(reached.clusterTime, true)
      if (isEnd) return ending.reason
      continue
    }
    if (read.kind === 'invalidated') {
      await work.drained()
      if (stream.onInvalidate === 'reopen') await pass(read.position)
      return 'invalidated'
    }
    await mayGoOn()
    // Let go one by one: held until its batch is over, each decoded change would grow old, and the heap with them.
    const left = read.changes.reverse()
    for (let delivered = left.pop(); delivered !== undefined; delivered = left.pop()) {
      if (feed.taken >= max) return await ended('max')
      if (through !== null && compareTimes(delivered.position.clusterTime, through) > 0) return await ended(ending.reason)
      if (progress.contains(delivered)) {
        feed.last = delivered
        continue
      }
      const room = work.take(delivered)
      feed.last = delivered
      feed.taken += 1
      if (room === null) continue
      await room
      await mayGoOn()
    }
    beat = clock.now()
    work.flush()
  }
}
