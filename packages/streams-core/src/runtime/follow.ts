import { type Position, compareTimes, compareTokens } from '../core/position.js'
import type { ChangeReader, Delivered } from '../ports.js'
import type { RunSummary } from '../runOptions.js'
import type { Ending } from './ending.js'
import type { LeaseKeeper } from './leaseKeeper.js'
import { makeCertain } from './makeCertain.js'
import type { Progress } from './progress.js'
import type { Worker } from './worker.js'

const heartbeatMs = 10_000

/**
 * Hands over what a reader brings, one change at a time, until the run's ending is reached (resolves with the reason) or the stream was
 * invalidated (resolves with `invalidated`). Rejects with the signal's reason on abort, and with whatever reading or settling threw.
 */
export async function follow(
  worker: Worker,
  progress: Progress,
  keeper: Pick<LeaseKeeper, 'mayHandOut'>,
  reader: ChangeReader,
  settle: (delivered: Delivered) => Promise<void>,
  ending: Ending,
): Promise<RunSummary['reason'] | 'invalidated'> {
  const { stream, clock, signal, passing } = worker
  let savedAt = clock.now()

  /** Saves a position at which there is no change: everything read before it is settled. */
  async function pass(position: Position): Promise<void> {
    const advance = progress.heartbeat(position)
    passing('heartbeat.saving')
    progress.begins(advance, false)
    await makeCertain(worker, progress)
    passing('heartbeat.saved')
    savedAt = clock.now()
  }

  for (;;) {
    if (progress.settled >= ending.max) return 'max'
    signal.throwIfAborted()
    passing('read.asked')
    const read = await reader.next(signal)
    passing('read.answered')
    if (read.kind === 'quiet') {
      const { reached } = reader
      if (reached === null) continue
      const ended = ending.through !== null && compareTimes(reached.clusterTime, ending.through) >= 0
      // In a quiet stream the oplog would otherwise forget a position behind which nothing is missing.
      const due = ended || clock.now() - savedAt >= heartbeatMs
      if (due && compareTokens(reached.token, progress.position.token) >= 0) await pass(reached)
      progress.reached(reached.clusterTime, true)
      if (ended) return ending.reason
      continue
    }
    if (read.kind === 'invalidated') {
      if (stream.onInvalidate === 'reopen') await pass(read.position)
      return 'invalidated'
    }
    for (const delivered of read.changes) {
      if (progress.settled >= ending.max) return 'max'
      signal.throwIfAborted()
      const time = delivered.position.clusterTime
      // One transaction's changes share a time: only a later one proves that everything up to the former is settled.
      progress.reached(time, false)
      if (ending.through !== null && compareTimes(time, ending.through) > 0) return ending.reason
      // A worker that was frozen longer than its lease learns here that somebody else may be at work.
      await keeper.mayHandOut(signal)
      await settle(delivered)
      savedAt = clock.now()
    }
  }
}
