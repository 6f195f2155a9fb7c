import { type LeaseTimes, leaseTimes, mayHandOut } from '../core/leaseTimes.js'
import { StreamError } from '../streamError.js'
import type { Owned } from './acquire.js'
import type { Worker } from './worker.js'

// After a renewal that failed: often enough to succeed before the lease runs out, rarely enough not to add to an outage.
const againMs = 200

type Keeping = Pick<Worker, 'stream' | 'leases' | 'ttlMs' | 'clock' | 'log' | 'passing'>

/** Whether changes may be handed out now, and when they may again. */
export type HandingOut = Pick<LeaseKeeper, 'mayHandOut' | 'mayHandOutNow'>

/** Keeps one lease: renews it at a third of its time, and says whether changes may be handed out. */
export class LeaseKeeper {
  readonly #worker: Keeping
  readonly #epoch: number
  readonly #lost: (reason: StreamError) => void
  #times: LeaseTimes
  #waiting: (() => void)[] = []

  /** `lost` is called once, when somebody else is the owner. */
  constructor(worker: Keeping, { epoch, sentAt }: Owned, lost: (reason: StreamError) => void) {
    this.#worker = worker
    this.#epoch = epoch
    this.#lost = lost
    this.#times = leaseTimes(sentAt, worker.ttlMs)
  }

  /** Renews until `signal` aborts. */
  async keep(signal: AbortSignal): Promise<void> {
    const { stream, leases, ttlMs, clock, log, passing } = this.#worker
    for (let pause = this.#times.renewAt - clock.now(); ;) {
      await clock.sleep(Math.max(0, pause), signal).catch(() => undefined)
      if (signal.aborted) return
      const sentAt = clock.now()
      try {
        passing('lease.renewing')
        if (!(await leases.renew(stream.name, this.#epoch, ttlMs))) {
          this.#lost(
            new StreamError(
              'FENCED',
              `stream ${stream.name}: another worker or an operator took it over; this worker saved nothing more`,
              { details: { stream: stream.name } },
            ),
          )
          return
        }
        passing('lease.renewed')
        this.#times = leaseTimes(sentAt, ttlMs)
        pause = this.#times.renewAt - clock.now()
        for (const go of this.#waiting.splice(0)) go()
      } catch (error) {
        log.warn({ err: error }, 'the lease could not be renewed')
        pause = againMs
      }
    }
  }

  mayHandOutNow(): boolean {
    return mayHandOut(this.#times, this.#worker.clock.now())
  }

  /**
   * Resolves when a change may be handed out: at once while the lease is surely ours, else after the next renewal. A worker that was frozen
   * wakes up here before it does any harm. Rejects with the signal's reason on abort.
   */
  async mayHandOut(signal: AbortSignal): Promise<void> {
    while (!this.mayHandOutNow()) {
      signal.throwIfAborted()
      await new Promise<void>((resolve, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true })
        this.#waiting.push(resolve)
      })
    }
  }
}
