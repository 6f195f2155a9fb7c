import type { LeaseRequest, ProcessMark } from '../ports.js'

/** A lease as it is kept. `until` is a time on the server's clock, null: released. S names a session of an owner. */
export interface KeptLease<S> {
  readonly owner: string | null
  readonly epoch: number
  readonly until: number | null
  readonly process: ProcessMark | null
  /** Sessions whose operations must be ended before a new owner may rely on what it reads. */
  readonly sessions: readonly S[]
}

export interface Applicant<S> extends Omit<LeaseRequest, 'name'> {
  /** The server's time. */
  readonly now: number
  /** Epoch of the checkpoint: a lower one could never fence it. */
  readonly floor: number
  readonly sessions: readonly S[]
}

export const neverOwned: KeptLease<never> = { owner: null, epoch: 0, until: null, process: null, sessions: [] }

/**
 * What a lease becomes when somebody acquires it; null while another one's is live. The epoch rises with every owner, also over one that
 * somebody raised by hand in the checkpoint. Former owners' sessions stay listed until they are ended, ours are listed before their first use.
 */
export function acquiredLease<S>(lease: KeptLease<S>, by: Applicant<S>): KeptLease<S> | null {
  const free = lease.until === null || lease.until <= by.now || lease.epoch === by.over
  if (!free) return null
  return {
    owner: by.owner,
    epoch: Math.max(lease.epoch, by.floor) + 1,
    until: by.now + by.ttlMs,
    process: by.process,
    sessions: [...lease.sessions, ...by.sessions],
  }
}

/**
 * Null when there is another owner since. An expired lease that nobody took may be renewed; a released one not: a renewal that hung in a
 * frozen server and comes through afterwards would leave the stream held by nobody.
 */
export function renewedLease<S>(lease: KeptLease<S>, epoch: number, until: number): KeptLease<S> | null {
  return lease.epoch === epoch && lease.until !== null ? { ...lease, until } : null
}

/**
 * Null when there is another owner since. Only our own sessions leave the list: an owner that gave up before it could fence has not ended
 * those of its predecessors, and an open transaction of theirs that nobody knows of locks the checkpoint for a minute.
 */
export function releasedLease<S>(lease: KeptLease<S>, epoch: number, own: readonly S[]): KeptLease<S> | null {
  if (lease.epoch !== epoch) return null
  return {
    ...lease,
    owner: null,
    until: null,
    process: null,
    sessions: lease.sessions.filter((session) => !own.includes(session)),
  }
}

/** After the fence nothing that former owners still have open can land: only ours stay listed. Null when there is another owner since. */
export function settledLease<S>(lease: KeptLease<S>, epoch: number, own: readonly S[]): KeptLease<S> | null {
  return lease.epoch === epoch ? { ...lease, sessions: own } : null
}

/** Which live lease may be taken: that of a process which is known to be gone, or any when told to. Named by its epoch, so that a late
 * take-over takes nothing from the next owner. */
export function leaseToTakeOver(
  { epoch }: { readonly epoch: number },
  why: { readonly gone: boolean; readonly told: boolean },
): number | null {
  return why.gone || why.told ? epoch : null
}
