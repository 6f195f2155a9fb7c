import { expect, test } from 'vitest'
import { commitOutcome } from '../../src/core/commitOutcome.js'
import type { Position } from '../../src/core/position.js'

const at = (token: string): Position => ({ token, clusterTime: { t: 1, i: 1 }, by: 'own' })
const claim = { name: 's', epoch: 3, rev: 7 }
const advance = { position: at('B'), settled: true, uuid: null }

test('our own commit landed only if rev rose by one, under our epoch, to our token', () => {
  expect(commitOutcome(claim, advance, { epoch: 3, rev: 8, position: at('B') })).toEqual({
    kind: 'committed',
    claim: { ...claim, rev: 8 },
  })
})

test('a higher epoch is a new owner, whatever the position says', () => {
  expect(commitOutcome(claim, advance, { epoch: 4, rev: 8, position: at('B') })).toEqual({ kind: 'fenced', epoch: 4 })
})

test('anything else was somebody else’s move', () => {
  expect(commitOutcome(claim, advance, { epoch: 3, rev: 9, position: at('B') })).toEqual({ kind: 'moved', rev: 9 })
  expect(commitOutcome(claim, advance, { epoch: 3, rev: 8, position: at('C') })).toEqual({ kind: 'moved', rev: 8 })
  expect(commitOutcome(claim, advance, { epoch: 3, rev: 8, position: null })).toEqual({ kind: 'moved', rev: 8 })
  expect(commitOutcome(claim, advance, null)).toEqual({ kind: 'moved', rev: 0 })
})
