import { laneOf } from '../core/laneKey.js'
import { type InLane, Lanes } from '../core/lanes.js'
import { Watermark } from '../core/watermark.js'
import type { Delivered } from '../ports.js'
import { isStreamError } from '../streamError.js'
import type { Committer } from './committer.js'
import { conditions } from './conditions.js'
import { handlerFailed } from './faults.js'
import { type Outcome, handler } from './handler.js'
import type { HandingOut } from './leaseKeeper.js'
import type { Parking } from './parking.js'
import type { Progress } from './progress.js'
import { readAhead } from './readAhead.js'
import { setAsideBy } from './setAside.js'
import { Saver, type Settling } from './saver.js'
import type { Work } from './work.js'
import { type Worker, observe } from './worker.js'

type Entry = InLane & Settling

/** Handlers side by side, in order for each key; the checkpoint follows the watermark. */
export function handling(worker: Worker, progress: Progress, committer: Committer, parking: Parking, keeper: HandingOut): Work {
  const { stream, clock, observer, signal } = worker
  const { concurrency } = stream
  const strict = concurrency === 1
  const lanes = new Lanes<Entry>(concurrency)
  const watermark = new Watermark<Entry>()
  const saver = new Saver(clock, progress, committer, watermark)
  const handing = handler(worker, progress)
  const setAside = setAsideBy(parking, committer)
  const failed = new AbortController()
  const waiting = conditions()
  const { until, look } = waiting
  // The original's order: each change is saved before the next one begins.
  if (strict) saver.hurry()
  let inHand = 0
  let lastBegun = 0
  let awaitingLease = false
  // Kept here, because they are looked at for each change: asking a signal costs as much as all the rest of handing it over.
  let stopping = false
  let ended = false

  const idle = () => watermark.ahead === 0 && saver.idle
  const over = () => ended || stopping
  const ahead = readAhead(worker, lanes, watermark, waiting, over)

  function stop(): void {
    stopping = true
    // Somebody else may be at work.
    if (isStreamError(signal.reason)) ended = true
    look()
  }
  if (signal.aborted) stop()
  else signal.addEventListener('abort', stop, { once: true })

  function fail(error: unknown): void {
    ended = true
    failed.abort(error)
    look()
  }

  /** What may begin now; null = nothing. */
  function next(): Entry | null {
    if (ended) return null
    while (lanes.mayBegin) {
      // What waited in its lane while this worker was frozen, or cut off from the server, may be somebody else's by now.
      if (!keeper.mayHandOutNow()) {
        onceRenewed()
        return null
      }
      const entry = lanes.take()!
      if (entry.place > lastBegun) {
        if (stopping) {
          // Given back. What lies before a change that was begun is still done: the next run would repeat that one without any crash.
          lanes.done(entry)
          continue
        }
        lastBegun = entry.place
      }
      return entry
    }
    return null
  }

  function begin(): void {
    for (let entry = next(); entry !== null; entry = next()) void work(entry)
  }

  function onceRenewed(): void {
    if (awaitingLease) return
    awaitingLease = true
    keeper
      .mayHandOut(signal)
      .finally(() => (awaitingLease = false))
      .then(begin, () => undefined)
  }

  /** One place: a change, and then one after the other as long as there are any. Nothing is made for each but its context and its promise. */
  async function work(begun: Entry): Promise<void> {
    inHand += 1
    try {
      for (let entry: Entry | null = begun; entry !== null; entry = next()) {
        const began = observer.settled === undefined ? 0 : clock.now()
        const { delivered } = entry
        const isDone = stream.onReplay === 'skip' && progress.isReplay(delivered.position.token)
        const letter = isDone ? null : parking.held(delivered)
        let outcome: Outcome = 'skipped'
        if (letter !== null) outcome = await setAside(letter)
        else if (!isDone) {
          const late = stopping
          try {
            outcome = handing.outcome(await handing.first(delivered))
          } catch (error) {
            // A handler that gives up because its signal told it so has not failed.
            if (late && signal.aborted) throw signal.reason
            outcome = await again(delivered, error)
          }
        }
        settle(entry, outcome, began)
        lanes.done(entry)
        // A barrier that has ended lets several go.
        if (lanes.waiting > 0 && lanes.running + 1 < concurrency) begin()
        look()
      }
    } catch (error) {
      // Its key goes no further, and neither does the watermark.
      fail(error)
    }
    inHand -= 1
    look()
  }

  async function again(delivered: Delivered, error: unknown): Promise<Outcome> {
    try {
      return await handing.again(delivered, error)
    } catch (final) {
      return await setAside(parking.parked(delivered, final))
    }
  }

  function settle(entry: Entry, outcome: Outcome, began: number): void {
    progress[outcome] += 1
    watermark.settle(entry)
    if (observer.settled !== undefined) {
      const { token } = entry.delivered.position
      observe(observer, (to) => to.settled?.({ stream: stream.name, token, outcome, durationMs: clock.now() - began }))
    }
    if (!saver.busy && watermark.mark !== null) saver.save().then(look, fail)
  }

  return {
    failed: failed.signal,
    get idle() {
      return idle()
    },

    take(delivered) {
      const entry: Settling & { key: InLane['key'] } = { key: '', delivered, bytes: delivered.bytes, place: 0, settled: false }
      watermark.add(entry)
      try {
        if (!strict) entry.key = laneOf(stream.key(delivered.change), worker.keyText)
        lanes.offer(entry)
      } catch (error) {
        fail(handlerFailed(error, stream.name, delivered.position, 1))
      }
      begin()
      if (strict) return until(() => over() || idle())
      return ahead.hasRoom() ? null : ahead.room()
    },

    flush: () => undefined,

    async drained() {
      const calm = saver.hurry()
      await until(() => over() || idle())
      calm()
      failed.signal.throwIfAborted()
      if (!idle()) signal.throwIfAborted()
    },

    async close() {
      stopping = true
      begin()
      await until(() => inHand === 0)
      saver.hurry()
      try {
        await saver.save()
      } catch (error) {
        if (!failed.signal.aborted) throw error
      }
    },
  }
}
