import type { Position } from '../core/position.js'
import type { Checkpoint } from '../ports.js'
import { StreamError } from '../streamError.js'
import { Progress } from './progress.js'
import type { Worker } from './worker.js'

/**
 * Becomes the stream's owner and says where to begin. A stream without a position gets one that is saved before anything is read:
 * a crash before the first change then loses nothing that came after this start.
 * @throws {StreamError} FINGERPRINT_CHANGED, OLDER_SERVICE_RUNNING
 */
export async function claim({ stream, store, source, owner, fingerprint, acceptDrift }: Worker): Promise<Progress> {
  const { name } = stream
  await store.adopt(name, fingerprint)
  let saved = await store.load(name)
  if (saved === null) {
    await store.create(name, await source.anchor(firstPlace(stream.start)), fingerprint)
    saved = await store.load(name)
  }
  if (saved !== null && !acceptDrift) refuseDrift(saved, fingerprint)

  const { checkpoint, unclean } = await store.fence(name, owner, fingerprint)
  const position = checkpoint.position
  if (position === null)
    throw new StreamError(
      'NOTHING_SAVED',
      `stream ${name}: its state has no position; boletia-streams reset ${name} --to <time> gives it one`,
    )
  return new Progress({ ...checkpoint, position }, unclean)
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
