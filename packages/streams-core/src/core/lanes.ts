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
  /** Keys at work or with something ready; what waits behind that, null = nothing yet. */
  readonly #lanes = new Map<string, T[] | null>()
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
    const { key, item } = waiting
    if (this.#held.length > 0 || (key === null && this.#lanes.size > 0)) {
      this.#held.push(waiting)
      return
    }
    // A barrier that is at work holds everything else back.
    if (this.#lanes.has(barrier)) {
      this.#held.push(waiting)
      return
    }
    const name = key === null ? barrier : lane(key)
    const behind = this.#lanes.get(name)
    if (behind === undefined) {
      this.#lanes.set(name, null)
      this.#ready.push(waiting)
    } else if (behind === null) this.#lanes.set(name, [item])
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
    const name = key === null ? barrier : lane(key)
    const behind = this.#lanes.get(name)
    const item = behind?.shift()
    if (item === undefined) this.#lanes.delete(name)
    else this.#ready.push({ key, item })
    if (this.#lanes.size === 0 && this.#held.length > 0) this.#letGo()
  }

  /** The barrier at the head of what was held back, or everything up to the next one. */
  #letGo(): void {
    const held = this.#held
    this.#held = []
    for (const waiting of held) this.#place(waiting)
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

const barrier = 'barrier'
const lane = (key: string) => `=${key}`
