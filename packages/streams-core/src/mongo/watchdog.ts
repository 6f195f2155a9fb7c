import type { Document, MongoClient } from 'mongodb'

/** A cursor whose server no longer answers, or is no longer the one that opened it. Nothing is lost by leaving it: reading begins again at the checkpoint. */
export class SilentCursorError extends Error {
  override readonly name = 'SilentCursorError'
}

const probeMs = 500
const longestPatienceMs = 30_000

/**
 * Watches reads that should return within `expectedMs`. The driver itself notices a killed primary only after 30 s and a frozen one after
 * more than 40 s. A busy server (one that scans a long oplog for us) is told from a silent one by asking it: as long as the same server
 * process answers, the read may take its time.
 */
export class Watchdog {
  readonly #client: MongoClient
  readonly #expectedMs: number
  /** Grows while the server only seems silent, on an overloaded machine, so that reading gets somewhere there too. */
  #patienceMs: number
  #server: string | null = null

  constructor(client: MongoClient, expectedMs: number) {
    this.#client = client
    this.#expectedMs = expectedMs
    this.#patienceMs = expectedMs
  }

  /** Remembers the server that a cursor is about to be opened on. @throws {SilentCursorError} when none answers */
  async meet(): Promise<void> {
    this.#server = await this.#ask(Math.max(this.#patienceMs, 2000))
    if (this.#server === null) throw new SilentCursorError('no primary answers')
  }

  /** Resolves or rejects as `read` does; rejects with SilentCursorError when its server is gone. */
  async over<T>(read: Promise<T>): Promise<T> {
    for (let waitMs = this.#patienceMs; ; waitMs = this.#expectedMs) {
      const result = await within(read, waitMs)
      if (result !== late) {
        this.#patienceMs = this.#expectedMs
        return result
      }
      if ((await this.#ask(probeMs)) === this.#server) continue
      this.#patienceMs = Math.min(2 * this.#patienceMs, longestPatienceMs)
      throw new SilentCursorError('the server that holds the cursor does not answer, or is no longer the primary')
    }
  }

  /** The primary's process, by the id that it draws at its start; null when none answers in time. */
  async #ask(ms: number): Promise<string | null> {
    const hello = this.#client.db('admin').command({ hello: 1 }, { readPreference: 'primary' })
    const answer = await within<Document | null>(hello.catch(() => null), ms)
    return answer === late || answer === null ? null : String(answer['topologyVersion']?.processId ?? answer['me'])
  }
}

export const late = Symbol('late')

/** What `promise` gives, or `late` after `ms`. */
export async function within<T>(promise: Promise<T>, ms: number): Promise<T | typeof late> {
  let timer: NodeJS.Timeout | undefined
  try {
    return await Promise.race([promise, new Promise<typeof late>((resolve) => (timer = setTimeout(() => resolve(late), ms)))])
  } finally {
    clearTimeout(timer)
  }
}
