import { backoffMs } from '../core/backoff.js'
import { isScanning, resumeBackfill } from '../core/backfill.js'
import { assertionsInARow, classify, isAssertion } from '../core/errorClass.js'
import { isClosedClient, isSilence } from '../core/infrastructure.js'
import type { RunStatus, RunSummary } from '../runOptions.js'
import { StreamError, isStreamError } from '../streamError.js'
import { backfilling } from './backfilling.js'
import { beyondGap } from './beyondGap.js'
import { stoppedBy } from './faults.js'
import { follow } from './follow.js'
import type { Progress } from './progress.js'
import { type Feed, type Reading, mostInDoubt } from './reading.js'
import { type Worker, observe } from './worker.js'

/** Where a run begins to read. Of existing documents, those in flight when the last one crashed or failed may have been handed over. */
export function feedOf({ stream, targets }: Pick<Worker, 'stream' | 'targets'>, progress: Progress): Feed {
  const { position } = progress
  const inTransactions = stream.work.kind === 'project' && stream.delivery === 'transaction' && targets.besideCheckpoint
  const inDoubt = inTransactions || !progress.inDoubt ? 0 : mostInDoubt
  const last = isScanning(position) ? { position: resumeBackfill(position, inDoubt) } : progress
  return { last, taken: progress.settled }
}

/** Existing documents, then changes, to the run's ending. Reads again after every fault that may pass: the driver itself resumes only once. */
export async function readOn(reading: Reading, view: { phase: RunStatus['phase'] }): Promise<RunSummary['reason']> {
  const { worker, progress, work, committer, feed } = reading
  const { stream, source, clock, observer, log, passing, signal } = worker
  for (let failures = 0, asserted = 0; ;) {
    const takenBefore = feed.taken
    try {
      if (signal.aborted) return 'stopped'
      if (isScanning(feed.last.position)) {
        view.phase = 'running'
        const end = await backfilling(reading)
        if (end !== null) return end
      }
      await using reader = await source.open(feed.last.position)
      passing('read.opened')
      view.phase = 'running'
      observe(observer, (to) => to.opened?.({ stream: stream.name, from: feed.last.position }))
      const end = await follow(reading, reader)
      if (end !== 'invalidated') return end
      if (stream.onInvalidate === 'stop') throw invalidated(stream.name)
    } catch (error) {
      if (signal.aborted && error === signal.reason) return 'stopped'
      if (work.failed.aborted) throw work.failed.reason
      const mayGoOn = stream.onHistoryLost !== 'fail' && progress.position.backfill === undefined
      if (mayGoOn && stoppedBy(error, stream.name).code === 'HISTORY_LOST') {
        await work.drained()
        feed.last = { position: await beyondGap(worker, progress, committer) }
        continue
      }
      if (isStreamError(error) || classify(error).kind === 'fatal' || isClosedClient(error)) throw error
      passing('reopen.begun')
      // Who waited for a silent server has waited: with its next primary the stream goes on at once.
      const wentOn = feed.taken > takenBefore
      failures = wentOn || isSilence(error) ? 0 : failures + 1
      asserted = wentOn || !isAssertion(error) ? 0 : asserted + 1
      if (asserted === assertionsInARow) throw error
      const delayMs = backoffMs(failures, worker.random())
      view.phase = 'reopening'
      log.warn({ err: error, delayMs }, 'reading again')
      observe(observer, (to) => to.reopening?.({ stream: stream.name, delayMs, error }))
      await clock.sleep(delayMs, signal).catch(() => undefined)
    }
  }
}

function invalidated(stream: string): StreamError {
  return new StreamError(
    'INVALIDATED',
    `stream ${stream}: the watched collection or database was dropped or renamed; recreate it, then boletia-streams reset ${stream} --to latest --execute --confirm ${stream}`,
    { details: { stream } },
  )
}
