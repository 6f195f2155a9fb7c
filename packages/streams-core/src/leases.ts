import type { BatchTotals, ReaderKind } from './ports.js'

// The seam to who owns a stream; ports.ts has the others.

/** What tells a process from every other one on its machine (processMark.ts). */
export interface ProcessMark {
  readonly place: string
  readonly pid: number
  readonly startedAt: string
}

export interface Lease {
  readonly owner: string | null
  readonly epoch: number
  /** Milliseconds until it expires, on the server's clock; 0 or less: expired. Null: released. */
  readonly remainingMs: number | null
  readonly process: ProcessMark | null
  /** How the owner, or the last one, reads changes; null until it has said so. */
  readonly reader: ReaderKind | null
  /** The owner reads nothing more until the oldest unsettled change is settled (rule 24). */
  readonly full: boolean
  /** What the owner, or the last one, has written in batches; null for a `handle`. */
  readonly batches: BatchTotals | null
}

/** Who wants a lease, for how long, and whose lease, if any, it may take although it is live (the one with exactly this epoch). */
export interface LeaseRequest {
  readonly name: string
  readonly owner: string
  readonly process: ProcessMark | null
  readonly ttlMs: number
  readonly over: number | null
}

export type Acquired = { readonly kind: 'acquired'; readonly epoch: number } | { readonly kind: 'held'; readonly lease: Lease }

/** Who is the owner. The lease gives liveness, on the server's clock; the epoch, which never falls, gives safety. */
export interface LeaseStore {
  acquire(request: LeaseRequest): Promise<Acquired>
  /** False when there is another owner since. */
  renew(name: string, epoch: number, ttlMs: number): Promise<boolean>
  /** Does nothing when there is another owner since. */
  release(name: string, epoch: number): Promise<void>
  load(name: string): Promise<Lease | null>
}
