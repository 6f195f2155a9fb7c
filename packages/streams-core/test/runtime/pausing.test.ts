import { describe, expect, test } from 'vitest'
import type { CurrentPause } from '../../src/ports.js'
import { betweenPauses } from '../../src/runtime/pausing.js'
import { silentLog } from '../../src/silentLog.js'
import { defineStream } from '../../src/index.js'
import { manualClock } from '../../src/testing/memory/manualClock.js'

const stream = defineStream({ name: 's', handle: () => undefined })
const turns = async () => await new Promise((resolve) => setImmediate(resolve))

function bench() {
  const clock = manualClock()
  const stop = new AbortController()
  const at = {
    pause: null as CurrentPause | null,
    broken: false,
    forbidden: false,
    seen: [] as string[],
    reads: 0,
    reading: false,
  }
  const view = { phase: 'waiting' as never }
  const pauses = {
    load: async () => {
      if (at.broken) throw new Error('no answer')
      if (at.forbidden) throw Object.assign(new Error('not authorized'), { code: 13 })
      return at.pause
    },
    seen: async (_name: string, owner: string) => void at.seen.push(owner),
  }
  const worker = { stream, owner: 'me', pauses, clock, signal: stop.signal, log: silentLog }
  /** Reads until it is asked to stop. */
  const done = betweenPauses(worker, view, async ({ signal }) => {
    at.reads += 1
    at.reading = true
    await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
    at.reading = false
    return 'stopped'
  })
  const pass = async (ms: number) => {
    clock.advance(ms)
    await turns()
  }
  return { at, stop, done, pass, view }
}
const untimed: CurrentPause = { reason: 'x', remainingMs: null, seenBy: null }

describe('reading', () => {
  test('ends with a pause, which is told as seen only then, and begins again after it', async () => {
    const { at, stop, done, pass, view } = bench()
    await turns()
    expect(at).toMatchObject({ reads: 1, reading: true, seen: [] })
    at.pause = untimed
    await pass(1000)
    expect(at).toMatchObject({ reads: 1, reading: false, seen: ['me'] })
    expect(view.phase).toBe('paused')
    at.pause = null
    await pass(1000)
    expect(at).toMatchObject({ reads: 2, reading: true })
    stop.abort(new Error('stop'))
    expect(await done).toBe('stopped')
  })

  test('ends when it may not even be asked whether it is paused: waiting for that would never end', async () => {
    const { at, done, pass } = bench()
    await turns()
    at.pause = untimed
    await pass(1000)
    at.forbidden = true
    await expect(
      Promise.race([
        done,
        pass(1000)
          .then(turns)
          .then(() => 'waiting'),
      ]),
    ).rejects.toMatchObject({ code: 13 })
  })

  test('does not begin while it is paused, nor while nobody can say', async () => {
    const { at, stop, done, pass } = bench()
    at.broken = true
    stop.signal.throwIfAborted()
    await pass(1000)
    stop.abort(new Error('stop'))
    expect(await done).toBe('stopped')
    expect(at.reads).toBeLessThanOrEqual(1)
  })

  test('goes on when a pause is over sooner than the next look', async () => {
    const { at, stop, done, pass } = bench()
    await turns()
    at.pause = { ...untimed, remainingMs: 300 }
    await pass(1000)
    at.pause = null
    await pass(300)
    expect(at).toMatchObject({ reads: 2, reading: true })
    stop.abort(new Error('stop'))
    await done
  })

  test('is not ended by an outage of the looks', async () => {
    const { at, stop, done, pass } = bench()
    await turns()
    at.broken = true
    await pass(1000)
    await pass(1000)
    expect(at).toMatchObject({ reads: 1, reading: true })
    stop.abort(new Error('stop'))
    await done
  })
})
