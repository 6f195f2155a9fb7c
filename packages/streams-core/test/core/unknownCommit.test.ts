import { expect, test } from 'vitest'
import { unknownCommit } from '../../src/core/unknownCommit.js'
import type { Position } from '../../src/core/position.js'

const at = (token: string): Position => ({ token, clusterTime: { t: 1, i: 1 }, by: 'own' })
const claim = { name: 's', epoch: 3, rev: 7 }
const advance = { position: at('B'), settled: true, uuid: null }
const decided = (saved: { epoch: number; rev: number; position: Position } | null) =>
  unknownCommit(claim, advance, at('A'), saved)

test('a commit whose answer was lost landed when rev rose to our token under our epoch', () => {
  expect(decided({ epoch: 3, rev: 8, position: at('B') })).toEqual({ kind: 'committed', claim: { ...claim, rev: 8 } })
})

test('it did not land while epoch and rev stand, nor when rev rose where it stood: that was our own raising of it', () => {
  expect(decided({ epoch: 3, rev: 7, position: at('A') })).toEqual({ kind: 'not landed', claim })
  expect(decided({ epoch: 3, rev: 8, position: at('A') })).toEqual({ kind: 'not landed', claim: { ...claim, rev: 8 } })
})

test('anything else was somebody else’s move, or a new owner', () => {
  expect(decided({ epoch: 3, rev: 8, position: at('C') })).toEqual({ kind: 'moved', rev: 8 })
  expect(decided({ epoch: 3, rev: 9, position: at('A') })).toEqual({ kind: 'moved', rev: 9 })
  expect(decided({ epoch: 4, rev: 7, position: at('A') })).toEqual({ kind: 'fenced', epoch: 4 })
  expect(decided(null)).toEqual({ kind: 'moved', rev: 0 })
})
