import { type Pause, pauseAt } from '../core/pause.js'
import { fromCheckpointDocument } from '../mongo/checkpointDocument.js'
import { clearHalt } from '../mongo/clearHalt.js'
import { type HistoryRow, mongoHistoryStore } from '../mongo/historyStore.js'
import { savePause } from '../mongo/pauseStore.js'
import type { ResolvedPlaces } from '../mongo/places.js'
import { serverClock } from '../mongo/serverClock.js'
import type { Checkpoint, SavedError } from '../ports.js'
import { StreamError } from '../streamError.js'
import { orFault } from './fault.js'
import { liveHolder } from './liveHolder.js'
import { registry } from './registry.js'
import type { AdminOptions } from './types.js'

/** Who does it and why, for the history. */
export interface PausedBy {
  readonly by: string
  readonly reason: string | null
}

export interface PauseDone {
  /** What held before; null: it was not paused. */
  readonly before: Pause | null
  /** The error of the run that had stopped at it, which was taken back; null: it was not halted. */
  readonly halt: SavedError | null
  /** The worker that has to notice. */
  readonly owner: string | null
}

/**
 * Pauses a stream, at once, with a row in the history. Its worker finishes the change in hand and keeps the lease, so that no other worker
 * starts; a worker that starts later waits too. It goes on after `resumeStream`, or by itself at `until`.
 * @throws {StreamError} UNKNOWN_STREAM; NOTHING_SAVED before its first start; USAGE when `until` is not in the server's future
 */
export async function pauseStream(
  options: AdminOptions,
  name: string,
  { by, reason, until }: PausedBy & Pause,
): Promise<PauseDone> {
  return await orFault(`stream ${name}`, async () => {
    const { now } = await serverClock(registry(options).places.state.client)
    if (until !== null && until <= now) {
      throw new StreamError('USAGE', `stream ${name}: ${until.toISOString()} has passed (the server has ${now.toISOString()})`, {
        details: { stream: name, why: 'A pause ends by itself at a time to come. Nothing was changed.' },
      })
    }
    const told = until === null ? reason : `${reason} (until ${until.toISOString()})`
    return await save(options, name, { reason, until }, now, { action: 'pause', by, reason: told })
  })
}

/**
 * Takes a pause back, or the halt of a stream that an error stopped; its worker (of a halted one: `onFatal: 'hold'`) goes on within two seconds.
 * Without either nothing is written.
 * @throws {StreamError} UNKNOWN_STREAM, NOTHING_SAVED
 */
export async function resumeStream(options: AdminOptions, name: string, { by, reason }: PausedBy): Promise<PauseDone> {
  return await orFault(`stream ${name}`, async () => {
    const all = registry(options)
    const { now } = await serverClock(all.places.state.client)
    const { saved } = await all.get(name)
    if (pauseAt(saved, now) === null) {
      const { state } = all.places
      const halt = saved?.lastError ?? null
      const taken = halt !== null && (await clearHalt(state, name, halt))
      if (taken) await remember(state, saved!, { action: 'resume', by, reason: reason ?? `after ${halt.code}` })
      return { before: null, halt: taken ? halt : null, owner: (await liveHolder(state, name)).owner }
    }
    return await save(options, name, null, now, { action: 'resume', by, reason })
  })
}

async function save(
  options: AdminOptions,
  name: string,
  pause: Pause | null,
  now: Date,
  row: Pick<HistoryRow, 'action' | 'by' | 'reason'>,
): Promise<PauseDone> {
  const all = registry(options)
  const { state } = all.places
  await all.get(name)
  const document = await savePause(state, name, pause)
  if (document === null) {
    throw new StreamError(
      'NOTHING_SAVED',
      `stream ${name} has no saved state to keep a pause in: it was never started; boletia-streams run ${name}`,
      { details: { stream: name } },
    )
  }
  const saved = fromCheckpointDocument(document)
  await remember(state, saved, row)
  return { before: pauseAt(document, now), halt: null, owner: (await liveHolder(state, name)).owner }
}

/** Not in one transaction with what it tells of: killed in it, we would hold up the worker's own commits for a minute. */
async function remember(
  state: ResolvedPlaces['state'],
  { name, position, rev }: Checkpoint,
  row: Pick<HistoryRow, 'action' | 'by' | 'reason'>,
): Promise<void> {
  const history = mongoHistoryStore(state)
  await history.ensure()
  if (position !== null) await history.add({ ...row, stream: name, before: position, after: position, rev })
}
