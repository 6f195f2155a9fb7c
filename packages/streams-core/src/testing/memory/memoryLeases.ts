import type { Clock, Lease, LeaseStore, ProcessMark } from '../../ports.js'

interface Kept {
  readonly owner: string | null
  readonly epoch: number
  readonly until: number | null
  readonly process: ProcessMark | null
}

/** The in-memory twin of the leases; `clock` stands for the server's. */
export function memoryLeases(clock: Pick<Clock, 'now'>): LeaseStore {
  const leases = new Map<string, Kept>()
  const asLease = ({ owner, epoch, until, process }: Kept): Lease => ({
    owner,
    epoch,
    process,
    remainingMs: until === null ? null : until - clock.now(),
  })

  return {
    load: async (name) => {
      const kept = leases.get(name)
      return kept === undefined ? null : asLease(kept)
    },
    async acquire({ name, owner, process, ttlMs, over }) {
      const kept = leases.get(name) ?? { owner: null, epoch: 0, until: null, process: null }
      const free = kept.until === null || kept.until <= clock.now() || kept.epoch === over
      if (!free) return { kind: 'held', lease: asLease(kept) }
      leases.set(name, { owner, epoch: kept.epoch + 1, until: clock.now() + ttlMs, process })
      return { kind: 'acquired', epoch: kept.epoch + 1 }
    },
    async renew(name, epoch, ttlMs) {
      const kept = leases.get(name)
      if (kept?.epoch !== epoch) return false
      leases.set(name, { ...kept, until: clock.now() + ttlMs })
      return true
    },
    async release(name, epoch) {
      const kept = leases.get(name)
      if (kept?.epoch === epoch) leases.set(name, { owner: null, epoch, until: null, process: null })
    },
  }
}
