interface Waiting<T> {
  readonly key: string | null
  readonly item: T
}

/**
 * Which change may be handled next: those of one key in the order in which they were offered, one at a time; different keys side by side,
 * at most `concurrency` of them. A change whose key is null is a barrier: alone, after everything before it and before everything after it.
 */
export class Lanes<T> {
  readonly #concurrency: number
  /** Keys at work or with something ready, null for a barrier; what waits behind that, null = nothing yet. */
  readonly #lanes = new Map<string | null, T[] | null>()
  /** May start as soon as a place is free. */
  #ready: Waiting<T>[] = []
  #next = 0
  /** A barrier and everything behind it. */
  #held: Waiting<T>[] = []
  #running = 0
  #waiting = 0

  constructor(concurrency: number) {
    this.#concurrency = concurrency
  }

  offer(key: string | null, item: T): void {
    this.#waiting += 1
    this.#place({ key, item })
  }

  #place(waiting: Waiting<T>): void {
    if (this.#held.length > 0 || this.#isBlocked(waiting)) this.#held.push(waiting)
    else this.#admit(waiting)
  }

  /** A barrier waits for everything before it; one that is at work holds everything else back. */
  #isBlocked({ key }: Waiting<T>): boolean {
    return key === null ? this.#lanes.size > 0 : this.#lanes.has(null)
  }

  #admit(waiting: Waiting<T>): void {
    const { key, item } = waiting
    const behind = this.#lanes.get(key)
    if (behind === undefined) {
      this.#lanes.set(key, null)
      this.#ready.push(waiting)
    } else if (behind === null) this.#lanes.set(key, [item])
    else behind.push(item)
  }

  /** Something that may begin now; to be ended with `done` (or never, when its key must not go on). */
  take(): Waiting<T> | undefined {
    if (this.#running >= this.#concurrency) return undefined
    const waiting = this.#ready[this.#next]
    if (waiting === undefined) return undefined
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
    return waiting
  }

  done(key: string | null): void {
    this.#running -= 1
    const item = this.#lanes.get(key)?.shift()
    if (item === undefined) this.#lanes.delete(key)
    else this.#ready.push({ key, item })
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

  /** Another change of another key would begin at once. */
  get hasPlace(): boolean {
    return this.#running < this.#concurrency && this.#next === this.#ready.length
  }
}
