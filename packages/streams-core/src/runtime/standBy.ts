import type { ErrorCode } from '../errorCodes.js'
import type { Checkpoint } from '../ports.js'
import type { StreamError } from '../streamError.js'
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

type StandingBy = Pick<Worker, 'stream' | 'store' | 'clock' | 'signal' | 'log' | 'standby' | 'hold'>

/**
 * What a standby, or a worker that holds on, does instead of ending: resolves when it is worth acquiring the lease again; true when it was an
 * operator who had to act. Throws `fault` when only another definition or server would help, or when the stream was deleted; the signal's reason on abort.
 */
export async function standBy(worker: StandingBy, view: RunView, fault: StreamError): Promise<boolean> {
  const { stream, store, clock, signal, log, standby, hold } = worker
  const { name } = stream
  const claim = view.progress?.claim
  const halted = (hold ? untilMended : untilMoved).has(fault.code) && (hold || (standby && claim !== undefined))
  if (!halted && !(standby && claim !== undefined && untilFree.has(fault.code))) throw fault
  const first = await store.load(name).catch(() => null)
  const since = claim ?? { epoch: first?.epoch ?? 0, rev: first?.rev ?? 0 }
  // The halt itself may not have been saved: only what was there can be taken back.
  let recorded = first?.lastError != null
  log.error({ err: fault }, halted ? 'halted until an operator acts' : 'standing by')
  view.phase = halted ? 'halted' : 'waiting'
  for (;;) {
    await clock.sleep(lookMs, signal)
    // An outage meanwhile changes nothing.
    const saved = await store.load(name).catch(() => undefined)
    if (saved === null) throw fault
    if (saved === undefined) continue
    if (!halted || hasMoved(saved, since) || (recorded && saved.lastError === null)) return halted
    recorded ||= saved.lastError !== null
  }
}

const hasMoved = ({ epoch, rev }: Checkpoint, since: Pick<Checkpoint, 'epoch' | 'rev'>) =>
  rev !== since.rev || epoch !== since.epoch
