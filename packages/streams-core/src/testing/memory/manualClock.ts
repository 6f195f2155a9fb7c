import type { Clock } from '../../ports.js'

/** A clock that stands still until it is advanced. */
export interface ManualClock extends Clock {
  advance(ms: number): void
}

export function manualClock(startMs = 0): ManualClock {
  let now = startMs
  const sleepers = new Set<{ readonly until: number; readonly wake: () => void }>()
  return {
    now: () => now,
    advance(ms) {
      now += ms
      for (const sleeper of sleepers) if (sleeper.until <= now) sleeper.wake()
    },
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        signal.throwIfAborted()
        const onAbort = () => {
          sleepers.delete(sleeper)
          reject(signal.reason as Error)
        }
        const sleeper = {
          until: now + ms,
          wake: () => {
            sleepers.delete(sleeper)
            signal.removeEventListener('abort', onAbort)
            resolve()
          },
        }
        signal.addEventListener('abort', onAbort, { once: true })
        sleepers.add(sleeper)
      }),
  }
}
