import assert from 'node:assert/strict'
import type { Clock } from '../../ports.js'
import { type ContractCase, contractCases } from './contractCases.js'

/** What every Clock promises; `pass` lets time go by. */
export function clockContract(make: () => { readonly clock: Clock; pass(ms: number): void }): readonly ContractCase[] {
  const { cases, test } = contractCases()

  const never = new AbortController().signal

  test('sleep resolves once its time has passed', async () => {
    const { clock, pass } = make()
    const began = clock.now()
    const sleeping = clock.sleep(20, never)
    pass(20)
    await sleeping
    assert.ok(clock.now() - began >= 19)
  })

  test('sleep rejects with the signal’s reason on abort, also when it was aborted before', async () => {
    const { clock } = make()
    const stop = new AbortController()
    const reason = new Error('enough')
    const sleeping = clock.sleep(60_000, stop.signal)
    stop.abort(reason)
    await assert.rejects(sleeping, (error) => error === reason)
    await assert.rejects(clock.sleep(60_000, stop.signal), (error) => error === reason)
  })

  return cases
}
