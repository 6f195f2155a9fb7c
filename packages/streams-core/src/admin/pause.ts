import { type Pause, pauseAt } from '../core/pause.js'
import { fromCheckpointDocument } from '../mongo/checkpointDocument.js'
import { type HistoryRow, mongoHistoryStore } from '../mongo/historyStore.js'
import { savePause } from '../mongo/pauseStore.js'
import { serverClock } from '../mongo/serverClock.js'
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
 * Takes a pause back; the worker goes on within two seconds. Without a pause nothing is written.
 * @throws {StreamError} UNKNOWN_STREAM, NOTHING_SAVED
 */
export async function resumeStream(options: AdminOptions, name: string, { by, reason }: PausedBy): Promise<PauseDone> {
  return await orFault(`stream ${name}`, async () => {
    const all = registry(options)
    const { now } = await serverClock(all.places.state.client)
    if (pauseAt((await all.get(name)).saved, now) === null) {
      return { before: null, owner: (await liveHolder(all.places.state, name)).owner }
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
  // Not in one transaction with the pause: killed in it, we would hold up the worker's own commits for a minute.
  const history = mongoHistoryStore(state)
  await history.ensure()
  if (saved.position !== null)
    await history.add({ ...row, stream: name, before: saved.position, after: saved.position, rev: saved.rev })
  return { before: pauseAt(document, now), owner: (await liveHolder(state, name)).owner }
}
