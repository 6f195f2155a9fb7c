import type { Position } from '../core/position.js'
import type { Committer } from './committer.js'
import type { Ending } from './ending.js'
import type { HandingOut } from './leaseKeeper.js'
import type { Progress } from './progress.js'
import type { Work } from './work.js'
import type { Worker } from './worker.js'

/** How far a run has read: after a fault of reading it goes on behind what it has taken, which is still in hand. */
export interface Feed {
  /** The last change that was taken, or a place without a change behind it. Its position is made only when it is asked for. */
  last: { readonly position: Position }
  taken: number
}

/** How many existing documents may be handed out and not saved: after a crash so many are read again as they were. */
export const mostInDoubt = 10_000

/** What reading goes on with, from one reader to the next. */
export interface Reading {
  readonly worker: Worker
  readonly progress: Progress
  readonly keeper: HandingOut
  readonly work: Work
  readonly committer: Committer
  readonly feed: Feed
  readonly ending: Ending
}
