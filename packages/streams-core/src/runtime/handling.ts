import { laneKey } from '../core/laneKey.js'
import { Lanes } from '../core/lanes.js'
import { type HandedOut, Watermark } from '../core/watermark.js'
import type { Delivered } from '../ports.js'
import { isStreamError } from '../streamError.js'
import type { Committer } from './committer.js'
import { conditions } from './conditions.js'
import { handlerFailed } from './faults.js'
import { type Outcome, handler } from './handler.js'
import type { HandingOut } from './leaseKeeper.js'
import type { Parking } from './parking.js'
import { parkingHandler } from './parkingHandler.js'
import type { Progress } from './progress.js'
import { Saver } from './saver.js'
import type { Work } from './work.js'
import { type Worker, observe } from './worker.js'

// Rule 24: one key that does not come on must not fill the memory with what the others have done meanwhile.
const maxAhead = 10_000
const maxAheadBytes = 64 * 1024 * 1024
// Beyond the changes at work: enough that a place that becomes free finds something, little enough to keep memory flat.
const waitingPerPlace = 16
// Once a key has filled everything, each change that settles makes room for one more.
const warnEveryMs = 60_000

/** Handlers side by side, in order for each key; the checkpoint follows the watermark. */
export function handling(worker: Worker, progress: Progress, committer: Committer, parking: Parking, keeper: HandingOut): Work {
  const { stream, clock, observer, signal, log, tally } = worker
  const { concurrency } = stream
  const strict = concurrency === 1
  const lanes = new Lanes<HandedOut<Delivered>>(concurrency)
  const watermark = new Watermark<Delivered>()
  const saver = new Saver(clock, progress, committer, watermark)
  const hand = parkingHandler(handler(worker, progress), parking, committer)
  const failed = new AbortController()
  const { until, look } = conditions()
  // The original's order: each change is saved before the next one begins.
  if (strict) saver.hurry()
  let inHand = 0
  let lastBegun = 0
  let warnAgainAt = Number.NEGATIVE_INFINITY
  let closed = false
  let awaitingLease = false

  const idle = () => watermark.ahead === 0 && saver.idle
  const over = () => failed.signal.aborted || signal.aborted
  const isFull = () => watermark.ahead >= maxAhead || watermark.bytes >= maxAheadBytes
  const hasRoom = (perPlace: number) => !isFull() && (lanes.hasPlace || lanes.waiting <= perPlace * concurrency)

  function fail(error: unknown): void {
    failed.abort(error)
    look()
  }

  /** Until there is room for a good deal: woken for each single change, the reading would cost more than the handing over. */
  async function room(): Promise<void> {
    if (strict) return await until(() => over() || idle())
    if (isFull() && clock.now() >= warnAgainAt) {
      warnAgainAt = clock.now() + warnEveryMs
      log.warn({ token: watermark.oldest?.position.token }, 'reading waits for the oldest change to settle')
    }
    tally.full = isFull()
    await until(() => over() || hasRoom(waitingPerPlace / 2))
    tally.full = false
  }

  const stopping = () => closed || signal.aborted
  /** Nothing more may be done: a handler failed, or somebody else may be at work. */
  const ended = () => failed.signal.aborted || isStreamError(signal.reason)

  function begin(): void {
    while (!ended()) {
      // What waited in its lane while this worker was frozen, or cut off from the server, may be somebody else's by now.
      if (!keeper.mayHandOutNow()) return onceRenewed()
      const next = lanes.take()
      if (next === undefined) return
      if (stopping() && next.item.place > lastBegun) {
        // Given back. What lies before a change that was begun is still done: the next run would repeat that one without any crash.
        lanes.done(next.key)
        continue
      }
      lastBegun = Math.max(lastBegun, next.item.place)
      inHand += 1
      void work(next.key, next.item)
    }
  }

  function onceRenewed(): void {
    if (awaitingLease) return
    awaitingLease = true
    keeper
      .mayHandOut(signal)
      .finally(() => (awaitingLease = false))
      .then(begin, () => undefined)
  }

  async function work(key: string | null, entry: HandedOut<Delivered>): Promise<void> {
    const began = observer.settled === undefined ? 0 : clock.now()
    try {
      const delivered = entry.item
      const isDone = stream.onReplay === 'skip' && progress.isReplay(delivered.position.token)
      settle(entry, isDone ? 'skipped' : await hand(delivered), began)
      lanes.done(key)
    } catch (error) {
      // Its key goes no further, and neither does the watermark.
      fail(error)
    }
    inHand -= 1
    begin()
    look()
  }

  function settle(entry: HandedOut<Delivered>, outcome: Outcome, began: number): void {
    progress[outcome] += 1
    watermark.settle(entry)
    if (observer.settled !== undefined) {
      const { token } = entry.item.position
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
      const entry = watermark.add(delivered, delivered.bytes)
      try {
        lanes.offer(strict ? '' : laneKey(stream.key(delivered.change), worker.keyText), entry)
      } catch (error) {
        fail(handlerFailed(error, stream.name, delivered.position, 1))
      }
      begin()
      return strict || !hasRoom(waitingPerPlace) ? room() : null
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
      closed = true
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
