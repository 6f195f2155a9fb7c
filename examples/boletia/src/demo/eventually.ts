import { setTimeout as delay } from 'node:timers/promises'

export interface Patience {
  /** Ends the waiting with its reason. */
  readonly signal: AbortSignal
  /** Milliseconds, default 60,000: a stream that is up handles a change within a tenth of a second, on a machine that has nothing else to do. */
  readonly withinMs?: number
}

/**
 * Asks again and again, 20 ms apart, until there is an answer.
 * @throws {Error} "… did not happen within …" at the deadline; the signal's reason; whatever `look` throws
 */
export async function eventually<T>(
  what: string,
  look: () => T | undefined | Promise<T | undefined>,
  { signal, withinMs = 60_000 }: Patience,
): Promise<T> {
  const deadline = performance.now() + withinMs
  for (;;) {
    signal.throwIfAborted()
    const answer = await look()
    if (answer !== undefined) return answer
    if (performance.now() > deadline) throw new Error(`${what}: did not happen within ${withinMs / 1000} s`)
    await delay(20, undefined, { signal }).catch(() => signal.throwIfAborted())
  }
}
