import type { Delivered } from '../ports.js'
import type { Committer } from './committer.js'
import { handling } from './handling.js'
import type { HandingOut } from './leaseKeeper.js'
import type { Parking } from './parking.js'
import type { Progress } from './progress.js'
import { projecting } from './projecting.js'
import type { Owner } from './worker.js'

/** What is done with the changes that are read. It outlives a reader: after a fault of reading, what was taken goes on. */
export interface Work {
  /** Takes the next change. A promise = wait for it before the next one (back-pressure); it never rejects. */
  take(delivered: Delivered): Promise<void> | null
  /** Nothing more is at hand: what was taken need not wait for company. */
  flush(): void
  /** Resolves when everything taken is settled and saved; rejects with what made that impossible. */
  drained(): Promise<void>
  /** Everything taken is settled and saved. */
  readonly idle: boolean
  /** Aborted, with the first error as its reason, when nothing more may be taken. */
  readonly failed: AbortSignal
  /** Begins nothing more, waits for what is in hand, and saves what is settled. Rejects when that failed and nothing had failed before. */
  close(): Promise<void>
}

export function workOf(worker: Owner, progress: Progress, committer: Committer, parking: Parking, keeper: HandingOut): Work {
  return worker.stream.work.kind === 'handle'
    ? handling(worker, progress, committer, parking, keeper)
    : projecting(worker, progress, committer, parking, keeper)
}
