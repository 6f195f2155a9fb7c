import type { ChangeStream } from 'mongodb'
import type { Change } from '../change.js'
import { compareTokens } from '../core/position.js'
import type { ChangeReader, Read } from '../ports.js'
import { orAborted } from './orAborted.js'
import { DriverChange } from './driverChange.js'
import { ownPosition } from './resumeToken.js'
import { type Watchdog, within } from './watchdog.js'

// Closing asks the server to kill the cursor: one that is frozen would never answer.
const closeMs = 1000
// An answer that needs no server takes the driver less than half of these.
const ticks = 50

const isInvalidate = (change: unknown) => (change as { readonly operationType: string }).operationType === 'invalidate'

/** What a promise that needs nothing from outside gives; null when it does, and is not settled yet. */
async function atOnce(asked: Promise<unknown>): Promise<{ readonly change: unknown } | null> {
  const seen: { answer: { readonly change: unknown } | null; refused: boolean } = { answer: null, refused: false }
  asked.then(
    (change) => (seen.answer = { change }),
    () => (seen.refused = true),
  )
  for (let tick = 0; tick < ticks && seen.answer === null && !seen.refused; tick += 1) await Promise.resolve()
  return seen.answer
}

/**
 * Reads a driver's ChangeStream, up to `mostAtOnce` changes at a time. With 1 nothing is asked for ahead: the driver leaves a cursor open on the server when it is
 * closed while it sends a request. Changes up to and including `dropUpTo` are passed over: a stream opened by time begins before them.
 * Resolves when the server has opened it; rejects with the driver's error.
 */
export async function driverReader(
  stream: ChangeStream,
  dropUpTo: string | null,
  mostAtOnce: number,
  watchdog: Watchdog,
): Promise<ChangeReader> {
  let pending: Promise<unknown> | null = null
  let reached: ChangeReader['reached'] = null
  let failed = false
  // A cursor of a primary that died while the change in hand was settled would be waited for.
  const bound = watchdog.bound()

  // The driver opens lazily, with the first read: what that read brings is kept for the first `next`.
  let first: { readonly change: unknown } | null
  try {
    first = { change: await watchdog.over(stream.tryNext()) }
  } catch (error) {
    void close()
    throw error
  }

  async function close(): Promise<void> {
    bound.forget()
    await within(
      stream.close().catch(() => undefined),
      closeMs,
    )
  }

  function ask(): Promise<unknown> {
    bound.check()
    return stream.tryNext()
  }

  /** The answer to an `ask`, watched; kept as `pending` until it was looked at, also by a later `next`. */
  function wait(asked: Promise<unknown>): void {
    pending = watchdog.over(asked).catch((error: unknown) => {
      failed = true
      throw error
    })
    pending.catch(() => undefined)
  }

  async function read(signal: AbortSignal): Promise<unknown> {
    if (first !== null) {
      const { change } = first
      first = null
      return change
    }
    signal.throwIfAborted()
    if (pending === null) wait(ask())
    const change = await orAborted(pending!, signal)
    pending = null
    return change
  }

  /** What the driver has at hand already, without waiting for the server, which is asked for more at the end. */
  async function readMore(changes: DriverChange[]): Promise<void> {
    while (changes.length < mostAtOnce) {
      const asked = ask()
      const answer = await atOnce(asked)
      if (answer === null) return wait(asked)
      const { change } = answer
      if (change === null || isInvalidate(change)) {
        first = { change }
        return
      }
      take(change, changes)
    }
  }

  function take(change: unknown, changes: DriverChange[]): void {
    const delivered = new DriverChange(change as Change)
    if (dropUpTo === null || compareTokens(delivered.position.token, dropUpTo) > 0) changes.push(delivered)
    else reached = delivered.position
  }

  return {
    get reached() {
      return reached
    },

    async next(signal): Promise<Read> {
      for (;;) {
        const change = await read(signal)
        if (change === null) {
          if (stream.resumeToken) reached = ownPosition(stream.resumeToken)
          // An invalidate that the pipeline filtered out only closes the cursor: without this, reading would be quiet for ever.
          return stream.closed && reached !== null ? { kind: 'invalidated', position: reached } : { kind: 'quiet' }
        }
        if (isInvalidate(change)) return { kind: 'invalidated', position: ownPosition((change as Change)._id) }
        const changes: DriverChange[] = []
        take(change, changes)
        await readMore(changes)
        if (changes.length > 0) return { kind: 'changes', changes }
      }
    },

    async [Symbol.asyncDispose]() {
      // An abandoned read rejects when the stream closes below it; nobody waits for it any more.
      pending?.catch(() => undefined)
      const closed = close()
      // After a fault its server may be gone: with the next primary the stream goes on at once.
      if (!failed) await closed
    },
  }
}
