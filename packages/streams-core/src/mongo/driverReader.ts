import { BSON, type ChangeStream } from 'mongodb'
import type { Change } from '../change.js'
import { compareTokens } from '../core/position.js'
import type { ChangeReader, Read } from '../ports.js'
import { orAborted } from './orAborted.js'
import { ownPosition } from './resumeToken.js'
import { type Watchdog, within } from './watchdog.js'

// Closing asks the server to kill the cursor: one that is frozen would never answer.
const closeMs = 1000

/**
 * Reads a driver's ChangeStream. Changes up to and including `dropUpTo` are passed over: a stream opened by time begins before them.
 * Resolves when the server has opened it; rejects with the driver's error.
 */
export async function driverReader(stream: ChangeStream, dropUpTo: string | null, watchdog: Watchdog): Promise<ChangeReader> {
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

  async function asked(): Promise<unknown> {
    bound.check()
    return await watchdog.over(stream.tryNext())
  }

  async function read(signal: AbortSignal): Promise<unknown> {
    if (first !== null) {
      const { change } = first
      first = null
      return change
    }
    signal.throwIfAborted()
    pending ??= asked().catch((error: unknown) => {
      failed = true
      throw error
    })
    const change = await orAborted(pending, signal)
    pending = null
    return change
  }

  return {
    get reached() {
      return reached
    },

    async next(signal): Promise<Read> {
      for (;;) {
        const change = (await read(signal)) as Change | { readonly _id: unknown; readonly operationType: 'invalidate' } | null
        if (change === null) {
          if (stream.resumeToken) reached = ownPosition(stream.resumeToken)
          // An invalidate that the pipeline filtered out only closes the cursor: without this, reading would be quiet for ever.
          return stream.closed && reached !== null ? { kind: 'invalidated', position: reached } : { kind: 'quiet' }
        }
        const position = ownPosition(change._id)
        if (dropUpTo !== null && compareTokens(position.token, dropUpTo) <= 0) continue
        return change.operationType === 'invalidate'
          ? { kind: 'invalidated', position }
          : { kind: 'changes', changes: [{ change, position, bytes: BSON.calculateObjectSize(change) }] }
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
