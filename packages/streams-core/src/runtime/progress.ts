import { carrying, contains, isScanning } from '../core/backfill.js'
import { type ClusterTime, type Position, type SkippedInterval, compareTimes, compareTokens, isReplay } from '../core/position.js'
import type { Advance, Checkpoint, Claim, Delivered } from '../ports.js'
import { tokenUuid } from '../core/tokenTime.js'

interface Waiter {
  readonly time: ClusterTime
  readonly resolve: () => void
}

/** How many changes a commit settles. */
export interface Counts {
  readonly handled: number
  readonly skipped: number
  readonly parked: number
  readonly held: number
}

export const noCounts: Counts = { handled: 0, skipped: 0, parked: 0, held: 0 }

/** A commit that was begun and whose result is not known. `withEffects`: it is in one transaction with them; else they are done already. */
export interface Unresolved {
  readonly advance: Advance
  readonly withEffects: boolean
  readonly counts: Counts
}

/** How far a run has come. The position only ever moves by `committed`: what is read is not what is done. */
export class Progress {
  #claim: Claim
  #position: Position
  #highest: string | null
  #uuid: string | null
  #skippedIntervals: readonly SkippedInterval[]
  /** What may have been handed out and not saved, by a run before or by this one before a pause: nothing later than this. Null: nothing. */
  #doubtfulUntil: ClusterTime | null
  /** It is still to come. */
  #inDoubt: boolean
  #waiters: Waiter[] = []
  #unresolved: Unresolved | null = null
  handled = 0
  skipped = 0
  parked = 0
  held = 0
  /** Put back and handled: none of the others. */
  redriven = 0

  constructor(checkpoint: Checkpoint & { readonly position: Position }, doubtfulUntil: ClusterTime | null) {
    this.#claim = { name: checkpoint.name, epoch: checkpoint.epoch, rev: checkpoint.rev }
    this.#position = checkpoint.position
    this.#highest = checkpoint.highest
    this.#uuid = checkpoint.uuid
    this.#skippedIntervals = checkpoint.skipped
    this.#doubtfulUntil = doubtfulUntil
    this.#inDoubt = doubtfulUntil !== null
  }

  /** Goes on counting for the same run, which was halted or fenced meanwhile. */
  continues(former: Progress): void {
    this.handled = former.handled
    this.skipped = former.skipped
    this.parked = former.parked
    this.held = former.held
    this.redriven = former.redriven
    this.#waiters.push(...former.#waiters.splice(0))
  }

  get claim(): Claim {
    return this.#claim
  }

  get position(): Position {
    return this.#position
  }

  get settled(): number {
    return this.handled + this.skipped + this.parked + this.held
  }

  get unresolved(): Unresolved | null {
    return this.#unresolved
  }

  /** Token of the highest change ever settled. */
  get highest(): string | null {
    return this.#highest
  }

  /** The position went past changes that nobody has seen. */
  skips(interval: SkippedInterval): void {
    this.#skippedIntervals = [...this.#skippedIntervals, interval]
  }

  isReplay(token: string, highest = this.#highest): boolean {
    return isReplay(token, highest, this.#skippedIntervals)
  }

  redelivered({ token, clusterTime }: Position, highest = this.#highest): boolean | 'unknown' {
    if (this.isReplay(token, highest)) return true
    return this.#doubtfulUntil !== null && compareTimes(clusterTime, this.#doubtfulUntil) <= 0 ? 'unknown' : false
  }

  /** Changes up to here were handed out, and what is not saved of them by now comes again. */
  handedOut({ token, clusterTime }: Position): void {
    if (compareTokens(token, this.#position.token) <= 0) return
    if (this.#doubtfulUntil === null || compareTimes(clusterTime, this.#doubtfulUntil) > 0) this.#doubtfulUntil = clusterTime
    this.#inDoubt = true
  }

  /** Something that may have been handed out before is still to come. */
  get inDoubt(): boolean {
    return this.#inDoubt
  }

  /** The checkpoint that settles everything up to a change. */
  settling({ position }: Delivered): Advance {
    return { position: this.#carrying(position), settled: true, uuid: tokenUuid(position.token) ?? this.#uuid }
  }

  /** The checkpoint of a position at which there was no change. */
  heartbeat(position: Position): Advance {
    return { position: this.#carrying(position), settled: false, uuid: this.#uuid }
  }

  #carrying(position: Position): Position {
    return this.#position.backfill === undefined ? position : carrying(position, this.#position.backfill)
  }

  /** Is it a change that an existing document, handed over before, contains already? */
  contains(delivered: Delivered): boolean {
    const { backfill } = this.#position
    // Before the change is looked at: it may not be decoded yet.
    if (backfill?.state !== 'catching-up') return false
    const { change, position } = delivered
    return change.documentKey !== undefined && contains(backfill, change.documentKey._id, position.clusterTime)
  }

  committed(claim: Claim, { position, settled, uuid }: Advance): void {
    const counts = this.#unresolved?.counts ?? noCounts
    this.handled += counts.handled
    this.skipped += counts.skipped
    this.parked += counts.parked
    this.held += counts.held
    this.#claim = claim
    this.#position = position
    this.#uuid = uuid
    this.#unresolved = null
    if (settled && (this.#highest === null || position.token > this.#highest)) this.#highest = position.token
    // Whoever waits for a time waits for the documents that were there, too.
    if (isScanning(position)) return
    // One transaction's changes share a time: only what is below it is surely settled.
    this.reached(position.clusterTime, false)
  }

  /** To be said before each commit: an error leaves it unresolved. */
  begins(unresolved: Unresolved): void {
    this.#unresolved = unresolved
  }

  /** It is certain now that the commit did not land and never will. */
  notLanded(claim: Claim): void {
    this.#claim = claim
    this.#unresolved = null
  }

  /** Everything below `time`, or up to it when `inclusive`, is settled and saved. */
  reached(time: ClusterTime, inclusive: boolean): void {
    const isDone = (at: ClusterTime) => compareTimes(at, time) < (inclusive ? 1 : 0)
    const done = (waiter: Waiter) => isDone(waiter.time)
    if (this.#doubtfulUntil !== null && isDone(this.#doubtfulUntil)) this.#inDoubt = false
    const released = this.#waiters.filter(done)
    this.#waiters = this.#waiters.filter((waiter) => !done(waiter))
    for (const { resolve } of released) resolve()
  }

  whenReached(time: ClusterTime): Promise<void> {
    return new Promise((resolve) => this.#waiters.push({ time, resolve }))
  }
}
