import { setTimeout as delay } from 'node:timers/promises'
import type { Clock } from './ports.js'

const { timeOrigin } = performance

export const systemClock: Clock = {
  // Monotonic: a wall clock that is set back must not lengthen a lease.
  now: () => timeOrigin + performance.now(),
  async sleep(ms, signal) {
    try {
      await delay(ms, undefined, { signal })
    } catch (error) {
      // Node rejects with an AbortError of its own; the port promises the signal's reason.
      throw signal.aborted ? signal.reason : error
    }
  },
}
