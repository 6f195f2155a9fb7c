import { isScanning } from '../core/backfill.js'
import type { RunOptions, RunStatus, RunSummary } from '../runOptions.js'
import { acquire } from './acquire.js'
import { betweenSetUp } from './betweenSetUp.js'
import { claim, ensurePosition } from './claim.js'
import { stoppedBy } from './faults.js'
import { type Ending, endingOf } from './ending.js'
import { committer as committerOf } from './committer.js'
import { LeaseKeeper } from './leaseKeeper.js'
import { lostHistory } from './lostHistory.js'
import { makeCertain } from './makeCertain.js'
import { betweenPauses } from './pausing.js'
import { parkingOf } from './parking.js'
import type { Progress } from './progress.js'
import { feedOf, readOn } from './readOn.js'
import { mayHaveOpen, recordStop } from './recordStop.js'
import { redriving } from './redriving.js'
import { standBy } from './standBy.js'
import { throughSilence } from './throughSilence.js'
import { watchHeadroom } from './watchHeadroom.js'
import { workOf } from './work.js'
import type { Owner, Worker } from './worker.js'

/** What the handle of a run can see while it goes. */
export interface RunView {
  phase: RunStatus['phase']
  progress: Progress | null
  claimed(progress: Progress): void
}

/**
 * One run of a stream from its lease to its release. Resolves after a clean stop; rejects with a StreamError, after which nothing of
 * the change in hand is saved.
 */
export async function run(given: Worker, view: RunView, options: Pick<RunOptions, 'until' | 'max'>): Promise<RunSummary> {
  const { name } = given.stream
  try {
    await given.source.ready()
    const ending = await endingOf(options, given.source)
    for (let worker = given; ;) {
      const before = view.progress
      try {
        await throughSilence(worker, () => ensurePosition(given))
        view.phase = 'waiting'
        return { name, reason: await own(worker, view, ending), ...outcome(view) }
      } catch (error) {
        if (given.signal.aborted && error === given.signal.reason) throw error
        const held = await standBy(worker, view, stoppedBy(error, name), view.progress === before ? null : view.progress)
        // Somebody else may have become the owner meanwhile: who held on stays up.
        worker = { ...given, takeOver: false, standby: worker.standby || held }
      }
    }
  } catch (error) {
    if (given.signal.aborted && error === given.signal.reason) return { name, reason: 'stopped', ...outcome(view) }
    view.phase = 'failed'
    throw stoppedBy(error, name)
  }
}

/** From the acquisition of the lease to its release. */
async function own(given: Worker, view: RunView, ending: Ending): Promise<RunSummary['reason']> {
  const lost = new AbortController()
  const worker: Owner = { ...given, signal: AbortSignal.any([given.signal, lost.signal]), cutOff: lost.signal }
  const before = view.progress
  const owned = await acquire(worker)
  const keeper = new LeaseKeeper(worker, owned, (reason) => lost.abort(reason))
  const keeping = new AbortController()
  const kept = keeper.keep(keeping.signal)
  try {
    const reason = await asOwner(worker, view, keeper, owned.epoch, ending)
    if (lost.signal.aborted) throw lost.signal.reason
    return reason
  } finally {
    keeping.abort()
    await kept
    await releaseLease(worker, view.progress === before ? null : view.progress, owned.epoch)
  }
}

async function releaseLease({ leases, stream, passing, log }: Worker, progress: Progress | null, epoch: number): Promise<void> {
  try {
    // The next owner must find it: our sessions stay listed.
    if (progress !== null && mayHaveOpen(progress)) throw new Error('what became of the last transaction is not known')
    await leases.release(stream.name, epoch)
    passing('release.leaseReleased')
  } catch (failure) {
    log.warn({ err: failure }, 'the lease could not be released; it expires by itself')
  }
}

const outcome = ({ progress }: RunView) => ({
  handled: progress?.handled ?? 0,
  skipped: progress?.skipped ?? 0,
  parked: progress?.parked ?? 0,
  held: progress?.held ?? 0,
  redriven: progress?.redriven ?? 0,
  position: progress?.position ?? null,
})

/** From the fence to the release of the checkpoint. */
async function asOwner(
  worker: Owner,
  view: RunView,
  keeper: LeaseKeeper,
  epoch: number,
  ending: Ending,
): Promise<RunSummary['reason']> {
  const { stream, store, log } = worker
  const progress = await throughSilence(worker, () => claim(worker, epoch))
  if (view.progress !== null) progress.continues(view.progress)
  view.progress = progress
  const watching = new AbortController()
  const watched = watchHeadroom(worker, progress, watching.signal)
  try {
    // After the claim, which ends a killed predecessor's transaction: it would hold up the creation of a collection or an index.
    await throughSilence(worker, () => worker.targets.ensure())
    if (stream.onError === 'park') await throughSilence(worker, () => worker.letters.ensure(stream.name))
    if (isScanning(progress.position) || stream.onHistoryLost !== 'fail') await throughSilence(worker, () => store.prepare())
    worker.passing('claim.targetsEnsured')
    const reason = await betweenSetUp(worker, async () => {
      view.claimed(progress)
      view.phase = 'running'
      const ended = await betweenPauses(worker, view, async (unpaused) => {
        await makeCertain(unpaused, progress)
        return await readUntilEnd(unpaused, view, progress, keeper, ending)
      })
      view.phase = 'stopping'
      // Said before the tear-down: one that throws would end a standby, which waits when it was fenced.
      worker.cutOff.throwIfAborted()
      return ended
    })
    worker.passing('release.begun')
    await makeCertain(worker, progress)
    await store.release(progress.claim, null, progress.inDoubt)
    worker.passing('release.checkpointReleased')
    view.phase = 'stopped'
    return reason
  } catch (error) {
    const stopped = stoppedBy(error, stream.name)
    const fault = stopped.code === 'HISTORY_LOST' ? await lostHistory(worker, progress, stopped) : stopped
    try {
      await recordStop(worker, progress, fault)
    } catch (failure) {
      log.warn({ err: failure }, 'the stop could not be recorded')
    }
    throw fault
  } finally {
    watching.abort()
    await watched
  }
}

/** Reads from the checkpoint to the run's ending. Whatever was taken is settled and saved, or given back, when it returns. */
async function readUntilEnd(
  given: Owner,
  view: RunView,
  progress: Progress,
  keeper: LeaseKeeper,
  ending: Ending,
): Promise<RunSummary['reason']> {
  const broken = new AbortController()
  const either = (ended: AbortSignal) => AbortSignal.any([ended, broken.signal])
  const signal = either(given.signal)
  const worker = { ...given, signal, runSignal: either(given.runSignal ?? given.signal), cutOff: either(given.cutOff) }
  const committer = committerOf(worker, progress)
  // Behind the claim, until which a predecessor may have parked something; what was marked and not committed before a pause is forgotten.
  const parking = parkingOf(worker, await throughSilence(worker, () => worker.letters.held(worker.stream.name)))
  const work = workOf(worker, progress, committer, parking, keeper)
  const feed = feedOf(worker, progress)
  const enough = new AbortController()
  // Told to the handler of what is put back, too: it may wait for its own server, and a stream that fails would wait with it. Its letter stays.
  const failing = new AbortController()
  const orFailing = (ended: AbortSignal) => AbortSignal.any([ended, failing.signal])
  const untilFailing = { ...worker, signal: orFailing(signal), runSignal: orFailing(worker.runSignal) }
  const redrive = redriving(untilFailing, progress, committer, parking, keeper)
  const putBack = redrive
    .watch(AbortSignal.any([untilFailing.signal, enough.signal]))
    .catch((error: unknown) => broken.abort(error))
  const noMore = async () => {
    enough.abort()
    await putBack
  }
  let reason: RunSummary['reason']
  try {
    reason =
      ending.reason === 'redriven' ? 'redriven' : await readOn({ worker, progress, keeper, work, committer, feed, ending }, view)
    await noMore()
    if (reason !== 'stopped') await throughSilence(worker, () => redrive.all(signal))
  } catch (error) {
    failing.abort(error)
    await noMore()
    await work.close().catch(() => undefined)
    if (!signal.aborted || error !== signal.reason) throw error
    reason = 'stopped'
  }
  if (broken.signal.aborted) {
    await work.close().catch(() => undefined)
    throw broken.signal.reason
  }
  await work.close()
  // What was in hand when the run was asked to stop may fail all the same.
  if (work.failed.aborted && work.failed.reason !== signal.reason) throw work.failed.reason
  return reason
}
