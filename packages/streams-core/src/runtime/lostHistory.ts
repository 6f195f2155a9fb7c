import type { ClusterTime, Gap } from '../core/position.js'
import { StreamError } from '../streamError.js'
import type { Progress } from './progress.js'
import type { Worker } from './worker.js'

/** Keeps for good which interval is gone, and says it in the error: what nobody delivered must be looked for elsewhere. */
export async function lostHistory(
  { stream: { name }, source, store, clock, log, owner }: Worker,
  { claim, position }: Progress,
  fault: StreamError,
): Promise<StreamError> {
  const oplog = await source.oplog().catch(() => null)
  const gap: Gap = { from: position.clusterTime, to: oplog?.first ?? null, at: new Date(clock.now()) }
  await store.lost(claim, position, gap, owner).catch((failure: unknown) => {
    log.warn({ err: failure }, 'the gap could not be recorded')
  })
  const from = text(gap.from)
  const to = gap.to === null ? null : text(gap.to)
  return new StreamError(
    'HISTORY_LOST',
    `stream ${name}: the server's oplog no longer holds its position: the changes after ${from} ${to === null ? 'are lost (up to when, only a user with read on local can see)' : `and before ${to} are lost`}; ` +
      `choose where to go on: boletia-streams reset ${name} --to earliest --execute --confirm ${name}`,
    { cause: fault.cause, details: { stream: name, from, to } },
  )
}

const text = ({ t }: ClusterTime) => new Date(t * 1000).toISOString().replace('.000Z', 'Z')
