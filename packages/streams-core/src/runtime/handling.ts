import { laneOf } from '../core/laneKey.js'
import { type InLane, Lanes } from '../core/lanes.js'
import { Watermark } from '../core/watermark.js'
import type { Committer } from './committer.js'
import { conditions } from './conditions.js'
import { handlerFailed } from './faults.js'
import { furtherAttempts } from './furtherAttempts.js'
import { givingBack } from './givingBack.js'
import { type Outcome, handler } from './handler.js'
import type { HandingOut } from './leaseKeeper.js'
import type { Parking } from './parking.js'
import type { Progress } from './progress.js'
import { readAhead } from './readAhead.js'
import { setAsideBy } from './setAside.js'
import { Saver, type Settling } from './saver.js'
import type { Work } from './work.js'
import { type Owner, observe } from './worker.js'

type Entry = InLane & Settling

/** Handlers side by side, in order for each key; the checkpoint follows the watermark. */
export function handling(worker: Owner, progress: Progress, committer: Committer, parking: Parking, keeper: HandingOut): Work {
  const { stream, clock, observer, signal, cutOff } = worker
  const { concurrency } = stream
  const strict = concurrency === 1
  const lanes = new Lanes<Entry>(concurrency)
  const watermark = new Watermark<Entry>()
  const saver = new Saver(clock, progress, committer, watermark)
  const handing = handler(worker, progress)
  const setAside = setAsideBy(parking, committer)
  const giving = givingBack<Entry>()
  const failed = new AbortController()
  const waiting = conditions()
  const { until, look } = waiting
  // The original's order: each change is saved before the next one begins.
  if (strict) saver.hurry()
  let inHand = 0
  let lastBegun: Entry | null = null
  let lastDone = 0
  let awaitingLease = false
  // Kept here, because they are looked at for each change: asking a signal costs as much as all the rest of handing it over.
  let stopping = false
  let ended = false

  const idle = () => watermark.ahead === 0 && saver.idle
  const over = () => ended || stopping
  const ahead = readAhead(worker, lanes, watermark, waiting, over)

  const again = furtherAttempts(worker, handing, giving, {
    isStopping: () => stopping,
    decide,
    failed: (delivered, error) => setAside(parking.parked(delivered, error)),
  })

  function stop(): void {
    stopping = true
    decide()
    look()
  }
  /** Somebody else may be at work. */
  function drop(): void {
    ended = true
    stop()
  }
  const listening = new AbortController()
  for (const [told, act] of [
    [signal, stop],
    [cutOff, drop],
  ] as const) {
    if (told.aborted) act()
    else told.addEventListener('abort', act, { once: true, signal: listening.signal })
  }

  function decide(): void {
    // It comes again anyway: an error need not wait until others have used up their attempts.
    if (ended) giving.all()
    else if (stopping) giving.decide(lastDone, inHand)
  }

  function fail(error: unknown): void {
    ended = true
    failed.abort(error)
    decide()
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
      if (lastBegun === null || entry.place > lastBegun.place) {
        if (stopping) {
          // Given back. What lies before a change that was begun is still done: the next run would repeat that one without any crash.
          lanes.done(entry)
          continue
        }
        lastBegun = entry
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
        let outcome: Outcome | null = 'skipped'
        if (letter !== null) outcome = await setAside(letter)
        else if (!isDone) {
          try {
            outcome = handing.outcome(await handing.first(delivered, stopping ? cutOff : undefined))
          } catch (error) {
            outcome = await again(entry, error)
          }
        }
        // Given back: its key goes no further, and neither does the watermark.
        if (outcome === null) break
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
    decide()
    look()
  }

  function settle(entry: Entry, outcome: Outcome, began: number): void {
    progress[outcome] += 1
    if (entry.place > lastDone) lastDone = entry.place
    watermark.settle(entry)
    if (stopping) decide()
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
      // What was given back is not settled: who waits for everything must not be told so.
      if (!idle()) throw signal.reason ?? new Error('the run has ended before')
    },

    async close() {
      stop()
      begin()
      await until(() => inHand === 0)
      saver.hurry()
      try {
        await saver.save()
      } catch (error) {
        if (!failed.signal.aborted) throw error
      } finally {
        listening.abort()
        if (lastBegun !== null) progress.handedOut(lastBegun.delivered.position)
      }
    },
  }
}
