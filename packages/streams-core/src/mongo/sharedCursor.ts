import { type Position, compareTokens } from '../core/position.js'
import type { ChangeReader, Delivered } from '../ports.js'
import { orAborted } from './orAborted.js'
import { type SharedBatch, sharedBatch } from './sharedBatch.js'

/** How many batches, and how many bytes, stay for those who are slower or come later. */
const windowBatches = 8
const windowBytes = 32 * 1024 * 1024

// Who is further ahead would wait until this cursor has read its way there.
const nearSeconds = 1

/** `behind`: the batch is forgotten. `ended`: nothing follows, the collection was dropped or renamed. */
export type Taken =
  | { readonly kind: 'batch'; readonly batch: SharedBatch }
  | { readonly kind: 'quiet'; readonly reached: Position }
  | { readonly kind: 'behind' | 'ended' }

/**
 * One cursor without a pipeline for several streams. The fastest of them asks for more; its last batches are kept, and whoever needs an older
 * one than those is too slow for it. Opened at once; closed when the last one has left it.
 */
export class SharedCursor {
  /** Resolves when the server has opened it. */
  readonly opened: Promise<unknown>
  readonly #opening: Promise<ChangeReader>
  readonly #onClosed: () => void
  /** A read is for all: none of them alone may end it. */
  readonly #never = new AbortController().signal
  #window: SharedBatch[] = []
  /** Number of the window's first batch. */
  #first = 0
  /** Everything after this token is in the window, or still to come. */
  #floor: string
  #reached: Position
  #reading: Promise<void> | null = null
  #over = false
  #members = 0

  /** `onClosed`: nobody may join any more. */
  constructor(from: Position, open: () => Promise<ChangeReader>, onClosed: () => void) {
    this.#floor = from.token
    this.#reached = { ...from, by: 'foreign' }
    this.#onClosed = onClosed
    this.#opening = open()
    this.opened = this.#opening
    this.#opening.catch(onClosed)
  }

  /** Whether whoever goes on after this position misses nothing here, and need not wait long. */
  covers({ token, clusterTime }: Position): boolean {
    return compareTokens(token, this.#floor) >= 0 && clusterTime.t <= this.#reached.clusterTime.t + nearSeconds
  }

  isAheadOf(other: SharedCursor): boolean {
    return compareTokens(this.#floor, other.#floor) > 0
  }

  /** Number of the first batch that may hold something after `token`, which it must cover. */
  join(token: string): number {
    this.#members += 1
    const found = this.#window.findIndex(({ reached }) => compareTokens(reached.token, token) > 0)
    return this.#first + (found === -1 ? this.#window.length : found)
  }

  async leave(): Promise<void> {
    this.#members -= 1
    if (this.#members > 0) return
    this.#onClosed()
    const reader = await this.#opening.catch(() => null)
    await reader?.[Symbol.asyncDispose]()
  }

  /** The batch of this number. Quiet once something newer than `seen` was reached, or after a while. Rejects with the reader's error. */
  async take(number: number, seen: Position, signal: AbortSignal): Promise<Taken> {
    for (let asked = false; ; asked = true) {
      if (number < this.#first) return { kind: 'behind' }
      const batch = this.#window[number - this.#first]
      if (batch !== undefined) return { kind: 'batch', batch }
      if (this.#over) return { kind: 'ended' }
      if (asked || compareTokens(this.#reached.token, seen.token) > 0) return { kind: 'quiet', reached: this.#reached }
      await orAborted(this.#more(), signal)
    }
  }

  /** One read for all who wait for it. Failed, it stays so: each of them hears it once, and nobody joins any more. */
  #more(): Promise<void> {
    if (this.#reading === null) {
      this.#reading = this.#read()
      this.#reading.catch(this.#onClosed)
    }
    return this.#reading
  }

  async #read(): Promise<void> {
    const reader = await this.#opening
    const read = await reader.next(this.#never)
    if (read.kind === 'invalidated') {
      this.#over = true
      this.#onClosed()
    } else if (read.kind === 'changes') this.#keep(read.changes, reader.reached ?? read.changes.at(-1)!.position)
    if (reader.reached !== null) this.#reached = { ...reader.reached, by: 'foreign' }
    this.#reading = null
  }

  #keep(changes: readonly Delivered[], reached: Position): void {
    this.#window.push(sharedBatch(changes, { ...reached, by: 'foreign' }))
    let bytes = this.#window.reduce((sum, batch) => sum + batch.bytes, 0)
    while (this.#window.length > windowBatches || (bytes > windowBytes && this.#window.length > 1)) {
      const oldest = this.#window.shift()!
      bytes -= oldest.bytes
      this.#first += 1
      this.#floor = oldest.reached.token
    }
  }
}
