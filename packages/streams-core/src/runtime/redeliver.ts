import { type ClusterTime, compareTimes, compareTokens } from '../core/position.js'
import { withError } from '../errorBehind.js'
import type { ChangeReader, Delivered } from '../ports.js'
import { isStreamError } from '../streamError.js'
import type { Progress } from './progress.js'
import { type Replaying, replaying } from './replaying.js'

export interface RedeliverOptions {
  /** Last token that is delivered. */
  readonly until: string
  /** A majority write that is not older than `until`: once reading has reached it, nothing up to `until` is still to come. */
  readonly endTime: ClusterTime
  readonly limit: number
  /** Changes a second. */
  readonly rate: number
  /** The same text for the same ordering key; null = unknown, a barrier. */
  keyOf(delivered: Delivered): string | null
  /** Keys with parked changes, which wait for their redrive: handed over here, a change would overtake them, or be done twice. */
  readonly parkedKeys: ReadonlyMap<string, unknown>
  onProgress(so: Redelivered): void
}

export interface Redelivered {
  readonly delivered: number
  /** Not given to the handler (`onReplay: 'skip'`), or not handled by its own choice. */
  readonly skipped: number
  /** Failed for good, or held back because an earlier change of the same key had failed. */
  readonly failed: number
  /** Of keys with parked changes. */
  readonly leftOut: number
  /** The first failure of each key. */
  readonly failures: readonly Failure[]
  /** Everything up to `until` or `limit` was looked at; false after an abort, or a failure that stands in the way of every key. */
  readonly complete: boolean
}

export interface Failure {
  readonly token: string
  /** Name of the handler's error; its message may hold personal data. */
  readonly error: string
}

/**
 * Gives the changes of a reader to the handler again, one after the other. A key stops at its first failure, because its later changes
 * may only come after it; the other keys go on. A change whose key is unknown belongs to every key.
 */
export async function redeliver(
  worker: Replaying,
  progress: Progress,
  reader: ChangeReader,
  options: RedeliverOptions,
): Promise<Redelivered> {
  const { clock, signal } = worker
  const settle = replaying(worker, progress)
  const failedKeys = new Set<string>()
  const failures: Failure[] = []
  const began = clock.now()
  let failed = 0
  let leftOut = 0
  let complete = false
  const so = (): Redelivered => ({
    delivered: progress.handled,
    skipped: progress.skipped,
    failed,
    leftOut,
    failures: [...failures],
    complete,
  })
  const seen = () => progress.settled + failed + leftOut

  try {
    reading: while (seen() < options.limit) {
      signal.throwIfAborted()
      const read = await reader.next(signal)
      if (read.kind === 'invalidated') break
      if (read.kind === 'quiet') {
        const { reached } = reader
        if (reached === null) continue
        if (compareTokens(reached.token, options.until) >= 0 || compareTimes(reached.clusterTime, options.endTime) >= 0) break
        continue
      }
      for (const delivered of read.changes) {
        if (seen() >= options.limit || compareTokens(delivered.position.token, options.until) > 0) break reading
        signal.throwIfAborted()
        if (!(await one(delivered))) return so()
        options.onProgress(so())
        const due = began + (seen() * 1000) / options.rate
        if (due > clock.now()) await clock.sleep(due - clock.now(), signal)
      }
    }
    complete = true
  } catch (error) {
    if (!signal.aborted || error !== signal.reason) throw error
  }
  return so()

  /** False when nothing after this change may be delivered. */
  async function one(delivered: Delivered): Promise<boolean> {
    const key = options.keyOf(delivered)
    if (key !== null && options.parkedKeys.has(key)) {
      leftOut += 1
      return true
    }
    // It may belong to one of them.
    if (key === null && options.parkedKeys.size > 0) {
      failed += 1
      return false
    }
    if (key === null ? failedKeys.size > 0 : failedKeys.has(key)) {
      failed += 1
      return key !== null
    }
    try {
      await settle(delivered)
      return true
    } catch (error) {
      if (!isStreamError(error, 'HANDLER_FAILED')) throw error
      failed += 1
      const failure = { token: delivered.position.token, error: error.cause instanceof Error ? error.cause.name : 'unknown' }
      failures.push(failure)
      worker.log.warn(
        withError({ token: failure.token }, error.cause),
        'the handler failed; later changes of this key are held back',
      )
      if (key !== null) failedKeys.add(key)
      return key !== null
    }
  }
}
