import type { RunSummary } from '../runOptions.js'
import { noCounts } from './progress.js'
import { type Reading, mostInDoubt } from './reading.js'

// A pipeline may let nothing through for a long time: after a crash it would all be looked at again.
const saveEveryMs = 10_000

/**
 * Gives existing documents to the stream's work, like changes, behind `feed.last`. Resolves with null when all of them are settled and the position is
 * where the live changes begin; with the run's reason when that ended before. Rejects as `follow` does.
 */
export async function backfilling(reading: Reading): Promise<RunSummary['reason'] | null> {
  const { worker, progress, keeper, work, committer, feed, ending } = reading
  const { stream, owner, source, store, clock, passing } = worker
  const signal = AbortSignal.any([worker.signal, work.failed])
  await using scan = await source.scan(feed.last.position)
  let beat = clock.now()
  let unsaved = 0

  for (;;) {
    signal.throwIfAborted()
    passing('backfill.asked')
    const { documents, position, done } = await scan.next(signal)
    passing('backfill.answered')
    unsaved += documents.length
    if (unsaved > mostInDoubt) {
      await work.drained()
      unsaved = documents.length
    }
    for (const delivered of documents) {
      if (feed.taken >= ending.max) break
      signal.throwIfAborted()
      if (!keeper.mayHandOutNow()) await keeper.mayHandOut(signal)
      const room = work.take(delivered)
      feed.last = delivered
      feed.taken += 1
      if (room !== null) await room
    }
    if (feed.taken >= ending.max) {
      await work.drained()
      return 'max'
    }
    work.flush()
    if (done) {
      await work.drained()
      passing('backfill.ending')
      const { name } = stream
      const { scanned } = position.backfill!
      const row = {
        name,
        action: 'backfill',
        by: owner,
        reason: `${scanned} documents`,
        before: progress.position,
        after: position,
      } as const
      await committer.together(progress.heartbeat(position), noCounts, (session) => store.tell(row, session), false)
      passing('backfill.ended')
      feed.last = { position }
      return null
    }
    feed.last = { position }
    if (documents.length > 0) beat = clock.now()
    else if (work.idle && clock.now() - beat >= saveEveryMs) {
      await committer.save(progress.heartbeat(position))
      beat = clock.now()
    }
  }
}
