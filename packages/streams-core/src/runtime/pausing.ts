import { classify } from '../core/errorClass.js'
import type { PauseStore } from '../ports.js'
import type { RunStatus, RunSummary } from '../runOptions.js'
import type { Worker } from './worker.js'

// An operator who pauses a stream watches it: two looks fit into the two seconds that the command promises.
const lookMs = 1000

type Pausing = Pick<Worker, 'stream' | 'owner' | 'clock' | 'signal' | 'log'> & { readonly pauses: PauseStore }

/**
 * Reads between an operator's pauses: `read` is asked to stop when one begins (what is in hand is finished and saved), and called again when
 * it is over. The lease is kept meanwhile, so that no other worker goes on instead. Resolves with the reason for which `read` ended by itself.
 */
export async function betweenPauses<W extends Omit<Pausing, 'pauses'> & Pick<Worker, 'pauses'>>(
  worker: W,
  view: { phase: RunStatus['phase'] },
  read: (worker: W) => Promise<RunSummary['reason']>,
): Promise<RunSummary['reason']> {
  const { pauses } = worker
  if (pauses === null) return await read(worker)
  const pausing: Pausing = { ...worker, pauses }
  for (;;) {
    await whilePaused(pausing, view)
    if (worker.signal.aborted) return 'stopped'
    const paused = new AbortController()
    const watching = new AbortController()
    void watch(pausing, watching.signal, () => paused.abort(new Error(`stream ${worker.stream.name} is paused`)))
    try {
      const reason = await read({ ...worker, signal: AbortSignal.any([worker.signal, paused.signal]), runSignal: worker.signal })
      if (reason !== 'stopped' || worker.signal.aborted || !paused.signal.aborted) return reason
    } finally {
      watching.abort()
    }
  }
}

/** Resolves when nothing is paused, or the run is asked to stop. Tells operators, once for each pause, that nothing is in hand any more. */
async function whilePaused(worker: Pausing, view: { phase: RunStatus['phase'] }): Promise<void> {
  const { stream, owner, pauses, clock, signal, log } = worker
  const { phase } = view
  let told = false
  while (!signal.aborted) {
    // Who cannot ask must not hand out: it may be paused.
    const pause = await pauses.load(stream.name).catch((error: unknown) => {
      // Without the privilege it would be asked for ever.
      if (classify(error).kind === 'fatal') throw error
      log.warn({ err: error }, 'whether the stream is paused could not be asked')
      return 'unknown' as const
    })
    if (pause === null) break
    if (pause !== 'unknown') {
      view.phase = 'paused'
      if (!told) log.warn({ reason: pause.reason }, 'paused by an operator: nothing is handed out')
      told = true
      if (pause.seenBy !== owner) await pauses.seen(stream.name, owner).catch(() => undefined)
    }
    const remainingMs = pause === 'unknown' ? null : pause.remainingMs
    await clock.sleep(Math.max(1, Math.min(lookMs, remainingMs ?? lookMs)), signal).catch(() => undefined)
  }
  view.phase = phase
  if (told && !signal.aborted) log.info('the pause is over')
}

async function watch({ stream, pauses, clock }: Pausing, signal: AbortSignal, onPause: () => void): Promise<void> {
  for (;;) {
    await clock.sleep(lookMs, signal).catch(() => undefined)
    if (signal.aborted) return
    // An outage meanwhile changes nothing: reading and saving notice it themselves.
    const pause = await pauses.load(stream.name).catch(() => null)
    if (pause !== null) return onPause()
  }
}
