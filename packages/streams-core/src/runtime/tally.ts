import { nothingWritten, sumOf } from '../core/written.js'
import type { BatchTotals, Written } from '../ports.js'

/** What a run counts for its vitals (vitals.ts); one for each run, across its leases. */
export class Tally {
  /** Reading waits for the oldest change to settle. */
  full = false
  #batches: BatchTotals | null = null

  get batches(): BatchTotals | null {
    return this.#batches
  }

  batch(now: number, changes: number, writes: number, written: Written): void {
    const before = this.#batches ?? { since: new Date(now), batches: 0, changes: 0, writes: 0, ...nothingWritten }
    this.#batches = {
      ...sumOf([before, written]),
      since: before.since,
      batches: before.batches + 1,
      changes: before.changes + changes,
      writes: before.writes + writes,
    }
  }
}
