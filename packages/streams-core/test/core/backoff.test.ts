import { expect, test } from 'vitest'
import { backoffMs } from '../../src/core/backoff.js'

test('the ceiling of a pause doubles from 100 ms up to 30 s and jitter fills all of it', () => {
  expect([1, 2, 3].map((failures) => backoffMs(failures, 1))).toEqual([100, 200, 400])
  expect(backoffMs(1000, 1)).toBe(30_000)
  expect(backoffMs(5, 0)).toBe(0)
})
