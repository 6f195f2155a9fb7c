import { test } from 'vitest'
import type { ContractCase } from '../../src/testing/index.js'

/** Each case of a contract as a test. */
export function keeps(cases: readonly ContractCase[]): void {
  test.each(cases)('$title', async ({ run }) => await run())
}
