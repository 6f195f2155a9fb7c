import { backoffMs } from '../core/backoff.js'
import { classify } from '../core/errorClass.js'
import { commitOutcome } from '../core/commitOutcome.js'
import type { RunOptions, RunStatus, RunSummary } from '../runOptions.js'
import { StreamError, isStreamError } from '../streamError.js'
import { lifecycleContext } from './changeContext.js'
import { claim } from './claim.js'
import { lostClaim, stoppedBy } from './faults.js'
import { type Ending, endingOf } from './ending.js'
import { follow } from './follow.js'
import type { Progress } from './progress.js'
import { settler } from './settle.js'
import { type Worker, observe } from './worker.js'

/** What the handle of a run can see while it goes. */
export interface RunView {
  phase: RunStatus['phase']
  progress: Progress | null
  claimed(progress: Progress): void
}

/**
 * One run of a stream from its claim to its release. Resolves after a clean stop; rejects with a StreamError, after which nothing of
 * the change in hand is saved.
 */
export async function run(worker: Worker, view: RunView, options: Pick<RunOptions, 'until' | 'max'>): Promise<RunSummary> {
  const { stream, store, clock, log } = worker
  try {
    await worker.source.ready()
    const ending = await endingOf(options, worker.source)
    const progress = await claim(worker)
    view.progress = progress
    // After the claim, which ends a killed predecessor's transaction: it would hold up the creation of a collection or an index.
    await worker.targets.ensure()
    await stream.setup?.(lifecycleContext(worker))
    let reason: RunSummary['reason']
    try {
      view.claimed(progress)
      view.phase = 'running'
      reason = await readUntilEnd(worker, view, progress, ending)
      view.phase = 'stopping'
    } finally {
      await stream.teardown?.(lifecycleContext(worker))
    }
    await store.release(progress.claim, null)
    view.phase = 'stopped'
    const { handled, skipped, position } = progress
    return { name: stream.name, handled, skipped, parked: 0, position, reason }
  } catch (error) {
    view.phase = 'failed'
    const fault = stoppedBy(error, stream.name)
    const name = fault.cause instanceof Error ? fault.cause.name : fault.name
    if (view.progress !== null) {
      await store
        .release(view.progress.claim, { code: fault.code, name, at: new Date(clock.now()) })
        .catch((failure: unknown) => {
          log.warn({ stream: stream.name, err: failure }, 'the stop could not be recorded')
        })
    }
    throw fault
  }
}

/** Reads from the checkpoint, and reads again from the checkpoint after every fault that may pass: the driver itself resumes only once. */
async function readUntilEnd(worker: Worker, view: RunView, progress: Progress, ending: Ending): Promise<RunSummary['reason']> {
  const { stream, source, clock, signal, observer, log } = worker
  const settle = settler(worker, progress)
  for (let failures = 0; ;) {
    const settledBefore = progress.settled
    try {
      if (signal.aborted) return 'stopped'
      await using reader = await source.open(progress.position)
      view.phase = 'running'
      observe(observer, (to) => to.opened?.({ stream: stream.name, from: progress.position }))
      const end = await follow(worker, progress, reader, settle, ending)
      if (end !== 'invalidated') return end
      if (stream.onInvalidate === 'stop') throw invalidated(stream.name)
    } catch (error) {
      if (signal.aborted && error === signal.reason) return 'stopped'
      if (isStreamError(error) || classify(error).kind === 'fatal') throw error
      failures = progress.settled > settledBefore ? 0 : failures + 1
      const delayMs = backoffMs(failures, worker.random())
      view.phase = 'reopening'
      log.warn({ stream: stream.name, err: error, delayMs }, 'reading again from the checkpoint')
      observe(observer, (to) => to.reopening?.({ stream: stream.name, delayMs, error }))
      await clock.sleep(delayMs, signal).catch(() => undefined)
      await reconcile(worker, progress).catch((fault: unknown) => {
        if (isStreamError(fault)) throw fault
      })
    }
  }
}

/** A commit whose answer was lost may have landed: then the change is settled and must not be handed over again. */
async function reconcile({ stream, store }: Worker, progress: Progress): Promise<void> {
  const { unresolved } = progress
  if (unresolved === null) return
  const saved = await store.load(stream.name)
  if (saved !== null && saved.epoch === progress.claim.epoch && saved.rev === progress.claim.rev) return progress.notCommitted()
  const outcome = commitOutcome(progress.claim, unresolved, saved)
  if (outcome.kind !== 'committed') throw lostClaim(outcome, stream.name)
  progress.committed(outcome.claim, unresolved)
}

function invalidated(stream: string): StreamError {
  return new StreamError(
    'INVALIDATED',
    `stream ${stream}: the watched collection or database was dropped or renamed; recreate it, then boletia-streams reset ${stream} --to latest --execute --confirm ${stream}`,
    { details: { stream } },
  )
}
