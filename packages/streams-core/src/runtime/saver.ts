import { saveDueIn } from '../core/saveTimes.js'
import type { HandedOut, Watermark } from '../core/watermark.js'
import type { Delivered } from '../ports.js'
import type { Committer } from './committer.js'
import type { Progress } from './progress.js'
import type { Worker } from './worker.js'

export type Settling = HandedOut & { readonly delivered: Delivered }

/** Saves the watermark: at once when it moves seldom, and what came together when it moves all the time. */
export class Saver {
  readonly #clock: Worker['clock']
  readonly #progress: Progress
  readonly #committer: Committer
  readonly #watermark: Watermark<Settling>
  #lastBegan: number | null = null
  #busy = false
  #saving = Promise.resolve()
  #waiting = new AbortController()
  #hurried = 0

  constructor(clock: Worker['clock'], progress: Progress, committer: Committer, watermark: Watermark<Settling>) {
    this.#clock = clock
    this.#progress = progress
    this.#committer = committer
    this.#watermark = watermark
  }

  /** Resolves when everything that is settled by then is saved; rejects as the committer does. */
  save(): Promise<void> {
    if (!this.#busy) this.#saving = this.#all()
    return this.#saving
  }

  /** From here on nothing waits for company, until the returned function is called. */
  hurry(): () => void {
    this.#hurried += 1
    this.#waiting.abort()
    return () => void (this.#hurried -= 1)
  }

  /** At work: what is settled from here on is saved without another call. */
  get busy(): boolean {
    return this.#busy
  }

  get idle(): boolean {
    return !this.#busy && this.#watermark.mark === null
  }

  async #all(): Promise<void> {
    this.#busy = true
    try {
      while (this.#watermark.mark !== null) {
        const dueIn = this.#hurried > 0 ? 0 : saveDueIn(this.#clock.now(), this.#lastBegan)
        if (dueIn > 0) {
          this.#waiting = new AbortController()
          await this.#clock.sleep(dueIn, this.#waiting.signal).catch(() => undefined)
        }
        this.#lastBegan = this.#clock.now()
        await this.#committer.save(this.#progress.settling(this.#watermark.take()!.delivered))
      }
    } finally {
      this.#busy = false
    }
  }
}
