import { type Position, compareTokens } from '../core/position.js'
import type { ChangeReader, Delivered } from '../ports.js'
import { orAborted } from './orAborted.js'
import { type SharedBatch, sharedBatch } from './sharedBatch.js'
import { within } from './watchdog.js'

// What stays for those who are slower or come later.
const windowChanges = 8000
const windowBytes = 32 * 1024 * 1024
// How long the others wait for one that is just about to lose a batch: on a busy machine chance decides who is behind.
const patienceMs = 250

// Who is further ahead would wait until this cursor has read its way there.
const nearSeconds = 1

/** `behind`: the batch is forgotten. `ended`: nothing follows, the collection was dropped or renamed. */
export type Taken =
  | { readonly kind: 'batch'; readonly batch: SharedBatch }
  | { readonly kind: 'quiet'; readonly reached: Position }
  | { readonly kind: 'behind' | 'ended' }

/** One who reads here, with the number of the batch that it wants next. */
export interface Member {
  number: number
}

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
  readonly #members = new Set<Member>()
  #window: SharedBatch[] = []
  #changes = 0
  #bytes = 0
  /** Number of the window's first batch. */
  #first = 0
  /** Everything after this token is in the window, or still to come. */
  #floor: string
  #reached: Position
  #reading: Promise<void> | null = null
  #over = false
  #noneWaitedFor: (() => void) | null = null

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

  /** At the first batch that may hold something after `token`, which it must cover. */
  join(token: string): Member {
    const found = this.#window.findIndex(({ reached }) => compareTokens(reached.token, token) > 0)
    const member = { number: this.#first + (found === -1 ? this.#window.length : found) }
    this.#members.add(member)
    return member
  }

  async leave(member: Member): Promise<void> {
    this.#members.delete(member)
    this.#moved()
    if (this.#members.size > 0) return
    this.#onClosed()
    const reader = await this.#opening.catch(() => null)
    await reader?.[Symbol.asyncDispose]()
  }

  /** The member's next batch. Quiet once something newer than `seen` was reached, or after a while. Rejects with the reader's error. */
  async take(member: Member, seen: Position, signal: AbortSignal): Promise<Taken> {
    for (let asked = false; ; asked = true) {
      if (member.number < this.#first) return { kind: 'behind' }
      const batch = this.#window[member.number - this.#first]
      if (batch !== undefined) {
        member.number += 1
        this.#moved()
        return { kind: 'batch', batch }
      }
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
    if (this.#willBeFull && this.#isWaitedFor)
      await within(new Promise<void>((resolve) => (this.#noneWaitedFor = resolve)), patienceMs)
    const read = await reader.next(this.#never)
    if (read.kind === 'invalidated') {
      this.#over = true
      this.#onClosed()
    } else if (read.kind === 'changes') this.#keep(read.changes, reader.reached ?? read.changes.at(-1)!.position)
    if (reader.reached !== null) this.#reached = { ...reader.reached, by: 'foreign' }
    this.#reading = null
  }

  get #isFull(): boolean {
    return this.#changes > windowChanges || this.#bytes > windowBytes
  }

  /** Whether another batch like the last one would push the first one out. */
  get #willBeFull(): boolean {
    const { count, bytes } = this.#window.at(-1) ?? { count: 0, bytes: 0 }
    return this.#changes + count > windowChanges || this.#bytes + bytes > windowBytes
  }

  /** Whether somebody would lose the window's first batch. */
  get #isWaitedFor(): boolean {
    for (const { number } of this.#members) if (number === this.#first) return true
    return false
  }

  #moved(): void {
    if (this.#noneWaitedFor === null || this.#isWaitedFor) return
    this.#noneWaitedFor()
    this.#noneWaitedFor = null
  }

  #keep(changes: readonly Delivered[], reached: Position): void {
    const batch = sharedBatch(changes, { ...reached, by: 'foreign' })
    this.#window.push(batch)
    this.#changes += batch.count
    this.#bytes += batch.bytes
    while (this.#isFull && this.#window.length > 1) {
      const oldest = this.#window.shift()!
      this.#changes -= oldest.count
      this.#bytes -= oldest.bytes
      this.#first += 1
      this.#floor = oldest.reached.token
    }
  }
}
