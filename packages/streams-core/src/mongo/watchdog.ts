import type { Document, MongoClient } from 'mongodb'
import { onNewPrimary } from './newPrimary.js'

/** An operation whose server no longer answers, or is no longer the one that began it. Nobody knows what came of it. */
export class SilentServerError extends Error {
  override readonly name = 'SilentServerError'
}

const probeMs = 500
const graceMs = 100
const longestPatienceMs = 30_000

/**
 * Watches operations that mostly end within `expectedMs`. The driver itself leaves a killed primary only after 30 s and a frozen one after
 * more than 40 s. A busy server (one that scans a long oplog for us) is told from a silent one by asking it: as long as the server process
 * that began the operation answers, it may take its time. When the client's monitors see another primary, nobody waits for the former one.
 */
export class Watchdog {
  readonly #client: MongoClient
  readonly #expectedMs: number
  /** Grows while the server only seems silent, on an overloaded machine, so that work gets done there too. */
  #patienceMs: number
  #server: string | null = null

  constructor(client: MongoClient, expectedMs: number) {
    this.#client = client
    this.#expectedMs = expectedMs
    this.#patienceMs = expectedMs
  }

  /** Learns which server is the primary, however long that takes; rejects with the driver's error. */
  async learn(): Promise<void> {
    this.#server = processOf(await this.#hello())
  }

  /** The same when it should answer at once; gives its answer to `hello`. @throws {SilentServerError} when none answers */
  async meet(): Promise<Document> {
    const hello = await this.#ask(Math.max(this.#patienceMs, 2000))
    this.#server = hello && processOf(hello)
    if (hello === null) throw new SilentServerError('no primary answers')
    return hello
  }

  /** Resolves or rejects as `operation` does; rejects with SilentServerError when its server is gone, and leaves it to itself. */
  async over<T>(operation: Promise<T>): Promise<T> {
    const began = this.#server
    const election = nextElection(this.#client)
    try {
      for (let waitMs = this.#patienceMs; ; waitMs = this.#expectedMs) {
        const known = election.over
        let result = await within<T | typeof late>(known ? operation : Promise.race([operation, election.happened]), waitMs)
        // It may have waited for just this primary.
        if (result === late && election.over && !known) result = await within<T | typeof late>(operation, graceMs)
        if (result !== late) {
          this.#patienceMs = this.#expectedMs
          return result
        }
        const answer = await this.#ask(probeMs)
        const now = answer && processOf(answer)
        if (now !== null && now === began) continue
        this.#server = now
        // An election says nothing about the speed of this machine.
        if (!election.over) this.#patienceMs = Math.min(2 * this.#patienceMs, longestPatienceMs)
        throw new SilentServerError('the server does not answer, or is no longer the primary')
      }
    } finally {
      election.forget()
    }
  }

  /** For what lives on one server, a cursor: `check` throws once the client sees another primary. */
  bound(): { check(): void; forget(): void } {
    const election = nextElection(this.#client)
    return {
      check() {
        if (election.over) throw new SilentServerError('there is another primary since the cursor was opened')
      },
      forget: () => election.forget(),
    }
  }

  #hello(): Promise<Document> {
    return this.#client.db('admin').command({ hello: 1 }, { readPreference: 'primary' })
  }

  /** What the primary says of itself; null when none answers in time. */
  async #ask(ms: number): Promise<Document | null> {
    const hello = () => this.#hello().catch(() => null)
    const election = nextElection(this.#client)
    const began = performance.now()
    try {
      const answer = await within<Document | null | typeof late>(Promise.race([hello(), election.happened]), ms)
      if (answer !== late) return answer
      if (!election.over) return null
      // The question went to the former primary, which may be frozen: the new one is asked, with what is left of the time.
      const second = await within(hello(), Math.max(ms - (performance.now() - began), probeMs))
      return second === late ? null : second
    } finally {
      election.forget()
    }
  }
}

/** Whether the client sees another primary from here on. */
function nextElection(client: MongoClient) {
  let resolve!: (value: typeof late) => void
  const happened = new Promise<typeof late>((settle) => (resolve = settle))
  const election = { over: false, happened, forget: () => {} }
  election.forget = onNewPrimary(client, () => {
    election.over = true
    resolve(late)
  })
  return election
}

// The id that a server process draws at its start.
const processOf = (hello: Document) => String(hello['topologyVersion']?.processId ?? hello['me'])

export const late = Symbol('late')

/** What `promise` gives, or `late` after `ms`. */
export async function within<T>(promise: Promise<T>, ms: number): Promise<T | typeof late> {
  let timer: NodeJS.Timeout | undefined
  try {
    // An answer may be there and not read yet, when this process was too busy to read it: the timer comes before the sockets.
    const afterReading = (resolve: (value: typeof late) => void) => setImmediate(() => setImmediate(() => resolve(late)))
    return await Promise.race([promise, new Promise<typeof late>((resolve) => (timer = setTimeout(afterReading, ms, resolve)))])
  } finally {
    clearTimeout(timer)
  }
}
