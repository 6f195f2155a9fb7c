import { expect, test } from 'vitest'
import { unknownCommit } from '../../src/core/unknownCommit.js'
import type { Position } from '../../src/core/position.js'

const at = (token: string): Position => ({ token, clusterTime: { t: 1, i: 1 }, by: 'own' })
const claim = { name: 's', epoch: 3, rev: 7 }
const advance = { position: at('B'), settled: true, uuid: null }

test('a commit whose answer was lost: not landed while epoch and rev stand, ours when rev rose to our token, else somebody else’s', () => {
  expect(unknownCommit(claim, advance, { epoch: 3, rev: 7, position: at('A') })).toEqual({ kind: 'not landed' })
  expect(unknownCommit(claim, advance, { epoch: 3, rev: 8, position: at('B') })).toMatchObject({ kind: 'committed' })
  expect(unknownCommit(claim, advance, { epoch: 3, rev: 8, position: at('C') })).toEqual({ kind: 'moved', rev: 8 })
  expect(unknownCommit(claim, advance, { epoch: 4, rev: 7, position: at('A') })).toEqual({ kind: 'fenced', epoch: 4 })
  expect(unknownCommit(claim, advance, null)).toEqual({ kind: 'moved', rev: 0 })
})
