import type { ErrorCode } from '../errorCodes.js'
import type { StreamError } from '../streamError.js'
import type { RunView } from './run.js'
import type { Worker } from './worker.js'

// Seldom: an operator takes minutes.
const lookMs = 2000

// What an operator's move mends.
const untilMoved: ReadonlySet<ErrorCode> = new Set<ErrorCode>(['HISTORY_LOST', 'TOKEN_UNUSABLE', 'INVALIDATED'])
// Somebody else is the owner, or was for a moment.
const untilFree: ReadonlySet<ErrorCode> = new Set<ErrorCode>(['FENCED', 'POSITION_MOVED'])

/**
 * What a standby does instead of ending: resolves when it is worth acquiring the lease again. Throws `fault` when only another definition,
 * handler or server would help, or when the stream was deleted; the signal's reason on abort.
 */
export async function standBy(
  { stream: { name }, store, clock, signal, log }: Pick<Worker, 'stream' | 'store' | 'clock' | 'signal' | 'log'>,
  view: RunView,
  fault: StreamError,
): Promise<void> {
  const rev = view.progress?.claim.rev
  const halted = untilMoved.has(fault.code)
  if (rev === undefined || !(halted || untilFree.has(fault.code))) throw fault
  log.error({ stream: name, err: fault }, halted ? 'halted until an operator moves the position' : 'standing by')
  view.phase = halted ? 'halted' : 'waiting'
  for (;;) {
    await clock.sleep(lookMs, signal)
    // An outage meanwhile changes nothing.
    const saved = await store.load(name).catch(() => undefined)
    if (saved === null) throw fault
    if (saved !== undefined && (!halted || saved.rev !== rev)) return
  }
}
