import { getEventListeners } from 'node:events'
import { expect, test } from 'vitest'
import { withinLimit } from '../../src/runtime/attemptLimit.js'
import { manualClock } from '../../src/testing/index.js'
import { stillHeld } from '../fixtures/collectGarbage.js'
import { bench, start } from './bench.js'

const untilAborted = (signal: AbortSignal) =>
  new Promise<never>((_, reject) => {
    if (signal.aborted) reject(signal.reason as Error)
    else signal.addEventListener('abort', () => reject(signal.reason as Error))
  })

test('nothing of an attempt is kept once it is over, whatever its handler left on its signal', async () => {
  const at = bench()
  await start(at, { handle: () => undefined })
  const signals: WeakRef<AbortSignal>[] = []
  const handle = async (_change: unknown, { signal }: { readonly signal: AbortSignal }) => {
    signal.addEventListener('abort', () => undefined)
    signals.push(new WeakRef(signal))
  }
  const running = start(at, { handle, concurrency: 1, retry: { attempts: 1, timeoutMs: 1000 } }, {})
  for (let _id = 0; _id < 100; _id += 1) at.source.insert({ _id })
  await expect.poll(() => signals.length).toBe(100)
  // Those of the last ones may still be on the stack of the run.
  expect(await stillHeld(signals)).toBeLessThan(5)
  at.stop.abort(new Error('enough'))
  await running
})

test('attempts hear of the stop, with its reason, and of their limit; many side by side leave one listener', async () => {
  const stop = new AbortController()
  const clock = manualClock()
  const limited = () => withinLimit(1000, clock, stop.signal, untilAborted).catch((error: unknown) => error)
  const late = Array.from({ length: 20 }, limited)
  expect(getEventListeners(stop.signal, 'abort')).toHaveLength(1)
  clock.advance(1000)
  expect(await late[0]).toMatchObject({ name: 'TimeoutError', message: expect.stringContaining('1000 ms') })
  await Promise.all(late)

  const stopped = [limited(), limited()]
  const reason = new Error('enough')
  stop.abort(reason)
  expect(await Promise.all(stopped)).toEqual([reason, reason])
  expect(await limited()).toBe(reason)
  expect(await withinLimit(1000, clock, stop.signal, async () => 'done')).toBe('done')
})
