import { type KeptLease, acquiredLease, neverOwned, releasedLease, renewedLease } from '../../core/leaseTransitions.js'
import type { Clock, Lease, LeaseStore } from '../../ports.js'

/** The in-memory twin of the leases; `clock` stands for the server's, `floor` for the epoch of the checkpoint. It has no sessions to end. */
export function memoryLeases(clock: Pick<Clock, 'now'>, floor: (name: string) => number): LeaseStore {
  const leases = new Map<string, KeptLease<never>>()
  const asLease = ({ owner, epoch, until, process }: KeptLease<never>): Lease => ({
    owner,
    epoch,
    process,
    reader: null,
    full: false,
    batches: null,
    remainingMs: until === null ? null : until - clock.now(),
  })
  const change = (name: string, to: (kept: KeptLease<never>) => KeptLease<never> | null): KeptLease<never> | null => {
    const next = to(leases.get(name) ?? neverOwned)
    if (next !== null) leases.set(name, next)
    return next
  }

  return {
    load: async (name) => {
      const kept = leases.get(name)
      return kept === undefined ? null : asLease(kept)
    },
    async acquire({ name, ...request }) {
      const applicant = { ...request, now: clock.now(), floor: floor(name), sessions: [] }
      const taken = change(name, (kept) => acquiredLease(kept, applicant))
      return taken === null ? { kind: 'held', lease: asLease(leases.get(name)!) } : { kind: 'acquired', epoch: taken.epoch }
    },
    renew: async (name, epoch, ttlMs) => change(name, (kept) => renewedLease(kept, epoch, clock.now() + ttlMs)) !== null,
    release: async (name, epoch) => void change(name, (kept) => releasedLease(kept, epoch, [])),
  }
}
