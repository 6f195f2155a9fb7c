import type { StreamStatus } from '@boletia/streams-core/admin'

/** What the saved state said, and when. */
export interface Look {
  readonly at: number
  readonly statuses: readonly StreamStatus[]
}

export interface LooksOptions {
  ask(): Promise<readonly StreamStatus[]>
  now(): number
  onLook(look: Look): void
  onFailure(error: unknown): void
}

// A scrape and the open page share one.
const freshMs = 2000
// Nobody who asks waits longer: a server that does not answer must not take its monitoring along.
const patienceMs = 3000
const everyMs = 10_000

/** Looks at the saved state now and then, and when somebody asks: one look at a time, however many ask. */
export class Looks implements Disposable {
  readonly #options: LooksOptions
  readonly #timer: NodeJS.Timeout
  #last: Look | null = null
  #asking: Promise<void> | null = null

  constructor(options: LooksOptions) {
    this.#options = options
    this.#timer = setInterval(() => void this.fresh(), everyMs).unref()
  }

  get last(): Look | null {
    return this.#last
  }

  /** The last look, which is not older than two seconds when the server answers in time. Never rejects; null before the first. */
  async fresh(): Promise<Look | null> {
    const { now } = this.#options
    if (this.#last !== null && now() - this.#last.at < freshMs) return this.#last
    this.#asking ??= this.#look().finally(() => (this.#asking = null))
    let timer: NodeJS.Timeout | undefined
    await Promise.race([this.#asking, new Promise((resolve) => (timer = setTimeout(resolve, patienceMs)))])
    clearTimeout(timer)
    return this.#last
  }

  async #look(): Promise<void> {
    const { ask, now, onLook, onFailure } = this.#options
    try {
      const statuses = await ask()
      this.#last = { at: now(), statuses }
      onLook(this.#last)
    } catch (error) {
      onFailure(error)
    }
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer)
  }
}
