import { beginBackfill } from '../core/backfill.js'
import type { Gap, Position } from '../core/position.js'
import type { Committer } from './committer.js'
import { patiently } from './patience.js'
import { type Progress, noCounts } from './progress.js'
import type { Worker } from './worker.js'

/**
 * Goes on behind what the oplog has forgotten, as the stream's `onHistoryLost` says. Everything that was taken is settled. One commit moves the position,
 * keeps the gap and what nobody has seen, and tells the history. Resolves with the new position.
 * @throws {StreamError} FENCED, POSITION_MOVED
 */
export async function beyondGap(worker: Worker, progress: Progress, committer: Committer): Promise<Position> {
  const { stream, source, store, clock, owner, log, passing } = worker
  const { name, onHistoryLost } = stream
  const first = await patiently(worker, 'looking for a position again', () => source.anchor('now'))
  passing('gap.anchored')
  const before = progress.position
  const at = new Date(clock.now())
  const after = onHistoryLost === 'backfill' ? beginBackfill(first, 'again', at) : first
  const gap: Gap = { from: before.clusterTime, to: first.clusterTime, at }
  const skipped = {
    from: progress.highest !== null && progress.highest > before.token ? progress.highest : before.token,
    to: first.token,
  }
  const row = {
    name,
    action: 'history-lost',
    by: owner,
    reason: `onHistoryLost: ${onHistoryLost}`,
    before,
    after,
    gap,
    skipped,
  } as const
  await committer.together(progress.heartbeat(after), noCounts, (session) => store.tell(row, session), false)
  progress.skips(skipped)
  passing('gap.passed')
  log.error(
    { stream: name, from: gap.from, to: gap.to, onHistoryLost },
    `the oplog had forgotten the position: changes are lost; see boletia-streams status ${name}`,
  )
  return after
}
