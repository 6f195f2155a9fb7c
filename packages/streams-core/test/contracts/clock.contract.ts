import { expect, test } from 'vitest'
import type { Clock } from '../../src/ports.js'

/** What every Clock promises; `pass` lets time go by. */
export function clockContract(make: () => { readonly clock: Clock; pass(ms: number): void }): void {
  const never = new AbortController().signal

  test('sleep resolves once its time has passed', async () => {
    const { clock, pass } = make()
    const began = clock.now()
    const sleeping = clock.sleep(20, never)
    pass(20)
    await sleeping
    expect(clock.now() - began).toBeGreaterThanOrEqual(19)
  })

  test('sleep rejects with the signal’s reason on abort, also when it was aborted before', async () => {
    const { clock } = make()
    const stop = new AbortController()
    const reason = new Error('enough')
    const sleeping = clock.sleep(60_000, stop.signal)
    stop.abort(reason)
    await expect(sleeping).rejects.toBe(reason)
    await expect(clock.sleep(60_000, stop.signal)).rejects.toBe(reason)
  })
}
