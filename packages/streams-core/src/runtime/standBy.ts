import type { ErrorCode } from '../errorCodes.js'
import type { Checkpoint } from '../ports.js'
import type { StreamError } from '../streamError.js'
import type { Progress } from './progress.js'
import { recordStop } from './recordStop.js'
import type { RunView } from './run.js'
import type { Worker } from './worker.js'

// Seldom: an operator takes minutes.
const lookMs = 2000

// What an operator's move mends.
const untilMoved: ReadonlySet<ErrorCode> = new Set<ErrorCode>(['HISTORY_LOST', 'TOKEN_UNUSABLE', 'IMAGE_MISSING', 'INVALIDATED'])
// What he may mend beside the stream too, and say so: exit codes 6 and 7.
const untilMended: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  ...untilMoved,
  'FINGERPRINT_CHANGED',
  'HANDLER_FAILED',
  'PARK_FAILED',
])
// Somebody else is the owner, or was for a moment.
const untilFree: ReadonlySet<ErrorCode> = new Set<ErrorCode>(['FENCED', 'POSITION_MOVED'])

type StandingBy = Pick<Worker, 'stream' | 'owner' | 'fingerprint' | 'store' | 'clock' | 'signal' | 'log' | 'standby' | 'hold'>

/**
 * What a standby, or a worker that holds on, does instead of ending: resolves when it is worth acquiring the lease again; true when it was an
 * operator who had to act. `progress` is that of the attempt that ended, null when it never owned the stream. Throws `fault` when only another
 * definition or server would help, or when the stream was deleted; the signal's reason on abort.
 */
export async function standBy(
  worker: StandingBy,
  view: RunView,
  fault: StreamError,
  progress: Progress | null,
): Promise<boolean> {
  const { stream, store, clock, signal, log, standby, hold } = worker
  const { name } = stream
  const hasOwned = view.progress !== null
  const halted = (hold ? untilMended : untilMoved).has(fault.code) && (hold || (standby && hasOwned))
  if (!halted && !(standby && hasOwned && untilFree.has(fault.code))) throw fault
  const isMended = progress === null ? await sinceNow(worker, fault) : sinceHalt(progress)
  log.error({ err: fault }, halted ? 'halted until an operator acts' : 'standing by')
  view.phase = halted ? 'halted' : 'waiting'
  for (;;) {
    await clock.sleep(lookMs, signal)
    // An outage meanwhile changes nothing.
    const saved = await store.load(name).catch(() => undefined)
    if (saved === null) throw fault
    if (saved === undefined) continue
    if (!halted || isMended(saved)) return halted
    // The stop could not be recorded, in an outage: nobody could resume what does not say that it is halted.
    if (progress !== null && isStillOurs(saved, worker, progress))
      await recordStop(worker, progress, fault).catch(() => undefined)
  }
}

/**
 * What was done since the halt was recorded, by the state alone: recording it takes the owner out, and only then can the error be taken back. What
 * is remembered of an earlier look would miss the operator who was faster than that look.
 */
function sinceHalt(progress: Progress): (saved: Checkpoint) => boolean {
  return (saved) => hasMoved(saved, progress.claim) || (saved.owner === null && saved.lastError === null)
}

/** Where nothing was owned: what an operator does is seen against what is there now, unless he was faster than this look. */
async function sinceNow(
  { stream, store, fingerprint }: StandingBy,
  { code }: StreamError,
): Promise<(saved: Checkpoint) => boolean> {
  const first = await store.load(stream.name).catch(() => null)
  // A refusal is recorded where nobody owns the stream: taken back, it is tried again, and mostly refused and recorded again.
  const isTakenBack = ({ owner, lastError }: Checkpoint) =>
    lastError === null && (code === 'FINGERPRINT_CHANGED' ? owner === null : first !== null && first.lastError !== null)
  return (saved) =>
    hasMoved(saved, first ?? { epoch: 0, rev: 0 }) ||
    isTakenBack(saved) ||
    (code === 'FINGERPRINT_CHANGED' && saved.fingerprint === fingerprint)
}

const isStillOurs = ({ epoch, owner }: Checkpoint, worker: StandingBy, { claim }: Progress) =>
  epoch === claim.epoch && owner === worker.owner

const hasMoved = ({ epoch, rev }: Pick<Checkpoint, 'epoch' | 'rev'>, since: Pick<Checkpoint, 'epoch' | 'rev'>) =>
  rev !== since.rev || epoch !== since.epoch
