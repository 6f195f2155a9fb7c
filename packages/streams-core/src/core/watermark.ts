/** A change that was handed out. */
export interface HandedOut {
  readonly bytes: number
  /** In the stream order of what was handed out; the watermark says. */
  place: number
  settled: boolean
}

/**
 * Which of the changes that were handed out are settled. The watermark is the last one up to which every change is settled: changes of
 * other keys settle out of order, and a checkpoint ahead of an unsettled one would lose it in a crash.
 */
export class Watermark<T extends HandedOut> {
  #entries: (T | undefined)[] = []
  #head = 0
  #places = 0
  #bytes = 0
  #mark: T | null = null

  /** To be called in stream order. */
  add(entry: T): void {
    entry.place = this.#places += 1
    this.#entries.push(entry)
    this.#bytes += entry.bytes
  }

  settle(entry: T): void {
    entry.settled = true
    const entries = this.#entries
    let head = this.#head
    for (let first = entries[head]; first?.settled === true; first = entries[head]) {
      this.#mark = first
      this.#bytes -= first.bytes
      // What it holds may go before the array is cut.
      entries[head] = undefined
      head += 1
    }
    // Cut off seldom, so that settling costs the same however far ahead the others are.
    if (head > 1024 && head * 2 > entries.length) {
      this.#entries = entries.slice(head)
      head = 0
    } else if (head === entries.length) {
      entries.length = 0
      head = 0
    }
    this.#head = head
  }

  /** Everything up to here is settled, and was not taken to be saved yet; null when nothing is. */
  get mark(): T | null {
    return this.#mark
  }

  /** Gives the mark to be saved. */
  take(): T | null {
    const mark = this.#mark
    this.#mark = null
    return mark
  }

  /** Changes behind the watermark, settled ones included. */
  get ahead(): number {
    return this.#entries.length - this.#head
  }

  get bytes(): number {
    return this.#bytes
  }

  /** The one that everything waits for. */
  get oldest(): T | null {
    return this.#entries[this.#head] ?? null
  }
}
