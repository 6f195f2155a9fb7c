import { beginBackfill } from '../core/backfill.js'
import { errorNumber, maxTimeMsExpired } from '../core/errorClass.js'
import type { Position } from '../core/position.js'
import type { Checkpoint, Fenced } from '../ports.js'
import { StreamError } from '../streamError.js'
import { lostClaim, savedError } from './faults.js'
import { Progress } from './progress.js'
import type { Worker } from './worker.js'

/**
 * Makes sure that there is a position, before anything is read: a crash before the first change then loses nothing that came after this start.
 * @throws {StreamError} FINGERPRINT_CHANGED, OLDER_SERVICE_RUNNING, STATE_TOO_NEW
 */
export async function ensurePosition(worker: Worker): Promise<void> {
  const { stream, store, owner, fingerprint, acceptDrift } = worker
  const saved = await store.adopt(stream.name, fingerprint, owner)
  if (saved === null) await begin(worker)
  else if (saved.position !== null && !acceptDrift) await refuseDrift(worker, saved)
}

async function begin({ stream, store, source, owner, fingerprint, clock, passing }: Worker): Promise<void> {
  const anchored = await source.anchor(firstPlace(stream.start))
  const first = stream.start === 'backfill' ? beginBackfill(anchored, 'start', new Date(clock.now())) : anchored
  passing('start.anchored')
  await store.create(stream.name, first, fingerprint, owner)
  passing('start.created')
}

/**
 * Makes an acquired epoch count and says where to begin.
 * @throws {StreamError} FENCED when there is a newer owner already, NOTHING_SAVED when the state lost its position, UNREACHABLE when a transaction
 * that is not ours to end holds it
 */
export async function claim(worker: Worker, epoch: number): Promise<Progress> {
  const { stream, store, source, owner, fingerprint, passing } = worker
  const { name } = stream
  async function fence(): Promise<Fenced> {
    const fenced = await store.fence(name, epoch, owner, fingerprint).catch((error: unknown) => {
      throw errorNumber(error) === maxTimeMsExpired ? locked(name, error) : error
    })
    if (fenced === null) throw lostClaim({ kind: 'fenced', epoch: epoch + 1 }, name)
    return fenced
  }

  let { checkpoint, unclean } = await fence()
  passing('claim.settled')
  if (checkpoint.position === null) {
    // Forgotten by an operator, it begins like a new one. Not before the fence: an operator that was killed while it put the position back
    // locks the document for a minute.
    await begin(worker)
    checkpoint = (await fence()).checkpoint
  }
  const { position } = checkpoint
  if (position !== null) return new Progress({ ...checkpoint, position }, unclean ? await source.serverTime() : null)
  throw new StreamError(
    'NOTHING_SAVED',
    `stream ${name}: its state has no position; boletia-streams reset ${name} --to <time> gives it one`,
  )
}

export function firstPlace(start: Worker['stream']['start']): 'now' | Position['clusterTime'] {
  return start === 'now' || start === 'backfill' ? 'now' : { t: Math.floor(start.at.getTime() / 1000), i: 0 }
}

async function refuseDrift({ store, clock, log, fingerprint }: Worker, checkpoint: Checkpoint): Promise<void> {
  const { name, epoch, rev, fingerprint: saved } = checkpoint
  if (saved === null || saved === fingerprint) return
  const drift = new StreamError(
    'FINGERPRINT_CHANGED',
    `stream ${name}: its collection, pipeline or options are not those of its saved position (${saved}, now ${fingerprint}): changes that only the new ones match were never looked at; ` +
      `go on with boletia-streams run ${name} --accept-drift --confirm ${name}, or choose a position with boletia-streams reset ${name}`,
    { details: { stream: name, saved, now: fingerprint } },
  )
  // Nobody runs it, and nobody will before somebody decides: monitors must not take that for a clean stop.
  await store.refuse({ name, epoch, rev }, savedError(drift, clock.now())).catch((failure: unknown) => {
    log.warn({ err: failure }, 'the refusal could not be recorded')
  })
  throw drift
}

function locked(stream: string, cause: unknown): StreamError {
  return new StreamError(
    'UNREACHABLE',
    `stream ${stream}: somebody's open transaction holds its saved position; mostly that of a worker or an operator that died and logged in as another database user: only the same one can end it. ` +
      'The server does within about a minute (transactionLifetimeLimitSeconds): start again then, and give all of them one database user (boletia-streams doctor compares them)',
    { cause, details: { stream } },
  )
}
