import { type ClusterTime, type Position, type SkippedInterval, compareTimes, isReplay } from '../core/position.js'
import type { Advance, Checkpoint, Claim, Delivered } from '../ports.js'
import { tokenUuid } from '../core/tokenTime.js'

interface Waiter {
  readonly time: ClusterTime
  readonly resolve: () => void
}

/** A commit that was begun and whose result is not known. `withEffects`: it is in one transaction with them; else they are done already. */
export interface Unresolved {
  readonly advance: Advance
  readonly withEffects: boolean
}

/** How far a run has come. The position only ever moves by `committed`: what is read is not what is done. */
export class Progress {
  #claim: Claim
  #position: Position
  #highest: string | null
  #uuid: string | null
  readonly #skippedIntervals: readonly SkippedInterval[]
  /** The one change that was perhaps in flight when the last run ended without a clean stop. */
  #mayBeRedelivered: boolean
  #waiters: Waiter[] = []
  #unresolved: Unresolved | null = null
  handled = 0
  skipped = 0

  constructor(checkpoint: Checkpoint & { readonly position: Position }, unclean: boolean) {
    this.#claim = { name: checkpoint.name, epoch: checkpoint.epoch, rev: checkpoint.rev }
    this.#position = checkpoint.position
    this.#highest = checkpoint.highest
    this.#uuid = checkpoint.uuid
    this.#skippedIntervals = checkpoint.skipped
    this.#mayBeRedelivered = unclean
  }

  /** Goes on counting for the same run, which was halted or fenced meanwhile. */
  continues(former: Progress): void {
    this.handled = former.handled
    this.skipped = former.skipped
    this.#waiters.push(...former.#waiters.splice(0))
  }

  get claim(): Claim {
    return this.#claim
  }

  get position(): Position {
    return this.#position
  }

  get settled(): number {
    return this.handled + this.skipped
  }

  get unresolved(): Unresolved | null {
    return this.#unresolved
  }

  isReplay(token: string): boolean {
    return isReplay(token, this.#highest, this.#skippedIntervals)
  }

  redelivered(token: string): boolean | 'unknown' {
    return this.isReplay(token) || (this.#mayBeRedelivered ? 'unknown' : false)
  }

  /** The checkpoint that settles a change. */
  settling({ position }: Delivered): Advance {
    return { position, settled: true, uuid: tokenUuid(position.token) ?? this.#uuid }
  }

  /** The checkpoint of a position at which there was no change. */
  heartbeat(position: Position): Advance {
    return { position, settled: false, uuid: this.#uuid }
  }

  committed(claim: Claim, { position, settled, uuid }: Advance): void {
    this.#claim = claim
    this.#position = position
    this.#uuid = uuid
    this.#unresolved = null
    if (!settled) return
    if (this.#highest === null || position.token > this.#highest) this.#highest = position.token
    this.#mayBeRedelivered = false
  }

  /** To be said before each commit: an error leaves it unresolved. */
  begins(advance: Advance, withEffects: boolean): void {
    this.#unresolved = { advance, withEffects }
  }

  /** It is certain now that the commit did not land and never will. */
  notLanded(claim: Claim): void {
    this.#claim = claim
    this.#unresolved = null
  }

  /** Everything below `time`, or up to it when `inclusive`, is settled and saved. */
  reached(time: ClusterTime, inclusive: boolean): void {
    const done = (waiter: Waiter) => compareTimes(waiter.time, time) < (inclusive ? 1 : 0)
    const released = this.#waiters.filter(done)
    this.#waiters = this.#waiters.filter((waiter) => !done(waiter))
    for (const { resolve } of released) resolve()
  }

  whenReached(time: ClusterTime): Promise<void> {
    return new Promise((resolve) => this.#waiters.push({ time, resolve }))
  }
}
