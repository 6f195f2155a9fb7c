/** What is compared to tell whether two changes are of one key; null = not known (core/laneKey.ts). */
export interface InLane {
  readonly key: string | number | null
}

/**
 * Which change may be handled next: those of one key in the order in which they were offered, one at a time; different keys side by side,
 * at most `concurrency` of them. A change whose key is null is a barrier: alone, after everything before it and before everything after it.
 */
export class Lanes<T extends InLane> {
  readonly #concurrency: number
  /** Keys at work or with something ready, null for a barrier; what waits behind that, null = nothing yet. */
  readonly #lanes = new Map<InLane['key'], T[] | null>()
  /** May start as soon as a place is free. */
  #ready: (T | undefined)[] = []
  #next = 0
  /** A barrier and everything behind it. */
  #held: T[] = []
  #running = 0
  #waiting = 0

  constructor(concurrency: number) {
    this.#concurrency = concurrency
  }

  offer(item: T): void {
    this.#waiting += 1
    if (this.#held.length > 0 || this.#isBlocked(item)) this.#held.push(item)
    else this.#admit(item)
  }

  /** A barrier waits for everything before it; one that is at work holds everything else back. */
  #isBlocked({ key }: T): boolean {
    return key === null ? this.#lanes.size > 0 : this.#lanes.has(null)
  }

  #admit(item: T): void {
    const { key } = item
    const behind = this.#lanes.get(key)
    if (behind === undefined) {
      this.#lanes.set(key, null)
      this.#ready.push(item)
    } else if (behind === null) this.#lanes.set(key, [item])
    else behind.push(item)
  }

  /** Something that may begin now; to be ended with `done` (or never, when its key must not go on). */
  take(): T | undefined {
    if (!this.mayBegin) return undefined
    const item = this.#ready[this.#next]!
    this.#ready[this.#next] = undefined
    this.#next += 1
    if (this.#next === this.#ready.length) {
      this.#ready.length = 0
      this.#next = 0
    } else if (this.#next > 1024) {
      this.#ready = this.#ready.slice(this.#next)
      this.#next = 0
    }
    this.#running += 1
    this.#waiting -= 1
    return item
  }

  done({ key }: T): void {
    this.#running -= 1
    const next = this.#lanes.get(key)?.shift()
    if (next === undefined) this.#lanes.delete(key)
    else this.#ready.push(next)
    if (this.#lanes.size === 0 && this.#held.length > 0) this.#letGo()
  }

  /** The barrier at the head of what was held back, or everything up to the next one. */
  #letGo(): void {
    const held = this.#held
    let free = 0
    while (free < held.length && !this.#isBlocked(held[free]!)) this.#admit(held[free++]!)
    this.#held = held.slice(free)
  }

  /** At work. */
  get running(): number {
    return this.#running
  }

  /** Offered and not begun. */
  get waiting(): number {
    return this.#waiting
  }

  /** `take` would give something. */
  get mayBegin(): boolean {
    return this.#running < this.#concurrency && this.#next < this.#ready.length
  }

  /** Another change of another key would begin at once. */
  get hasPlace(): boolean {
    return this.#running < this.#concurrency && this.#next === this.#ready.length
  }
}
