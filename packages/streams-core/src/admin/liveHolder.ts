import { mongoLeaseStore } from '../mongo/leaseStore.js'
import type { ResolvedPlaces } from '../mongo/places.js'
import { serverClock } from '../mongo/serverClock.js'
import type { Lease } from '../ports.js'
import { isGone } from '../processMark.js'
import type { StreamStatus } from './types.js'

/** Who holds a stream's lease now; nobody when it was released or has expired, or when its process is known to be gone. */
export async function liveHolder(state: ResolvedPlaces['state'], name: string): Promise<Pick<StreamStatus, 'owner' | 'lease'>> {
  const [lease, { now }] = await Promise.all([mongoLeaseStore(state, null).load(name), serverClock(state.client)])
  if (lease === null || lease.remainingMs === null || lifeOf(lease) !== 'live') return { owner: null, lease: null }
  return { owner: lease.owner, lease: { epoch: lease.epoch, expiresAt: new Date(now.getTime() + lease.remainingMs) } }
}

/**
 * The clock alone would take a worker that was killed for one that runs, for as long as its lease does: where the reader is on the worker's machine,
 * and sees its processes, a dead one is told at once. Elsewhere only the clock counts.
 */
export function lifeOf(lease: Pick<Lease, 'remainingMs' | 'process'> | null): 'none' | 'live' | 'expired' {
  const remainingMs = lease?.remainingMs ?? null
  if (lease === null || remainingMs === null) return 'none'
  return remainingMs > 0 && (lease.process === null || !isGone(lease.process)) ? 'live' : 'expired'
}
