import { setTimeout as delay } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { gaveUp } from '../../src/core/gaveUp.js'

test('who rejects because its signal told it so is told from who fails', async () => {
  const stop = new AbortController()
  const reason = new Error('enough')
  const sleeping = delay(60_000, null, { signal: stop.signal }).catch((error: unknown) => error)
  const fetching = fetch('http://127.0.0.1:9', { signal: stop.signal }).catch((error: unknown) => error)
  stop.abort(reason)
  expect(gaveUp(await sleeping, reason)).toBe(true)
  expect(gaveUp(await fetching, reason)).toBe(true)
  const canceled = Object.assign(new Error('canceled'), { name: 'CanceledError' })
  for (const error of [reason, canceled, new Error('no answer', { cause: reason }), new DOMException('', 'AbortError')])
    expect(gaveUp(error, reason)).toBe(true)
  for (const error of [new Error('broken'), new RangeError('broken', { cause: new Error('another') }), 'text', null, undefined])
    expect(gaveUp(error, reason)).toBe(false)
})
