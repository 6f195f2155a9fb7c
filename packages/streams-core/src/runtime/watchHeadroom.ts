import { headroomMs, headroomShare } from '../core/headroom.js'
import type { Progress } from './progress.js'
import type { Worker } from './worker.js'

const lookMs = 60_000
// Reading begins before: its three questions would hold up the first change of a run.
const firstLookMs = 1000

/**
 * Warns, once a minute at the most, while less than `headroomWarning` of the oplog is left ahead of the saved position. Until `signal` aborts;
 * a run that is over sooner is told too.
 */
export async function watchHeadroom(
  { source, clock, log, headroomWarning }: Pick<Worker, 'source' | 'clock' | 'log' | 'headroomWarning'>,
  progress: Progress,
  signal: AbortSignal,
): Promise<void> {
  if (headroomWarning === 0) return
  await clock.sleep(firstLookMs, signal).catch(() => undefined)
  do {
    const oplog = await source.oplog().catch(() => null)
    const { clusterTime } = progress.position
    const share = oplog && headroomShare(clusterTime, oplog)
    if (oplog !== null && share !== null && share < headroomWarning) {
      const leftMs = headroomMs(clusterTime, oplog)
      log.warn(
        { headroomMs: leftMs, share: Number(share.toFixed(3)) },
        `the oplog forgets the position in about ${Math.round((leftMs ?? 0) / 1000)} s at this write rate; changes will be lost: speed the handler up, or enlarge the oplog`,
      )
    }
    await clock.sleep(lookMs, signal).catch(() => undefined)
  } while (!signal.aborted)
}
