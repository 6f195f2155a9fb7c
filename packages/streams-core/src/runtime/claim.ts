import type { Position } from '../core/position.js'
import type { Checkpoint } from '../ports.js'
import { StreamError } from '../streamError.js'
import { lostClaim } from './faults.js'
import { Progress } from './progress.js'
import type { Worker } from './worker.js'

/**
 * Makes sure that there is a position, before anything is read: a crash before the first change then loses nothing that came after this start.
 * @throws {StreamError} FINGERPRINT_CHANGED, OLDER_SERVICE_RUNNING, STATE_TOO_NEW
 */
export async function ensurePosition({ stream, store, source, owner, fingerprint, acceptDrift, passing }: Worker): Promise<void> {
  const { name } = stream
  await store.adopt(name, fingerprint, owner)
  const saved = await store.load(name)
  // Without a position it was forgotten by an operator: it begins like a new one.
  if (saved !== null && saved.position !== null) {
    if (!acceptDrift) refuseDrift(saved, fingerprint)
    return
  }
  const first = await source.anchor(firstPlace(stream.start))
  passing('start.anchored')
  await store.create(name, first, fingerprint, owner)
  passing('start.created')
}

/**
 * Makes an acquired epoch count and says where to begin.
 * @throws {StreamError} FENCED when there is a newer owner already, NOTHING_SAVED when the state lost its position
 */
export async function claim({ stream, store, source, owner, fingerprint, passing }: Worker, epoch: number): Promise<Progress> {
  const { name } = stream
  const fenced = await store.fence(name, epoch, owner, fingerprint)
  if (fenced === null) throw lostClaim({ kind: 'fenced', epoch: epoch + 1 }, name)
  passing('claim.settled')
  const { checkpoint, unclean } = fenced
  const { position } = checkpoint
  if (position !== null) return new Progress({ ...checkpoint, position }, unclean ? await source.serverTime() : null)
  throw new StreamError(
    'NOTHING_SAVED',
    `stream ${name}: its state has no position; boletia-streams reset ${name} --to <time> gives it one`,
  )
}

function firstPlace(start: Worker['stream']['start']): 'now' | Position['clusterTime'] {
  return start === 'now' ? 'now' : { t: Math.floor(start.at.getTime() / 1000), i: 0 }
}

function refuseDrift({ name, fingerprint: saved }: Checkpoint, fingerprint: string): void {
  if (saved === null || saved === fingerprint) return
  throw new StreamError(
    'FINGERPRINT_CHANGED',
    `stream ${name}: its collection, pipeline or options are not those of its saved position (${saved}, now ${fingerprint}): changes that only the new ones match were never looked at; ` +
      `go on with boletia-streams run ${name} --accept-drift --confirm ${name}, or choose a position with boletia-streams reset ${name}`,
    { details: { stream: name, saved, now: fingerprint } },
  )
}
