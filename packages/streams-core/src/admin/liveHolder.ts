import { mongoLeaseStore } from '../mongo/leaseStore.js'
import type { ResolvedPlaces } from '../mongo/places.js'
import { serverClock } from '../mongo/serverClock.js'
import type { StreamStatus } from './types.js'

/** Who holds a stream's lease now; nobody when it was released or has expired. */
export async function liveHolder(state: ResolvedPlaces['state'], name: string): Promise<Pick<StreamStatus, 'owner' | 'lease'>> {
  const [lease, { now }] = await Promise.all([mongoLeaseStore(state, null).load(name), serverClock(state.client)])
  if (lease === null || lease.remainingMs === null || lease.remainingMs <= 0) return { owner: null, lease: null }
  return { owner: lease.owner, lease: { epoch: lease.epoch, expiresAt: new Date(now.getTime() + lease.remainingMs) } }
}
