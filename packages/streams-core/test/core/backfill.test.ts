import { expect, test } from 'vitest'
import {
  type Scanning,
  beginBackfill,
  behindDocument,
  behindDocuments,
  carrying,
  contains,
  resumeBackfill,
} from '../../src/core/backfill.js'
import type { Position } from '../../src/core/position.js'
import { tokenTime } from '../../src/core/tokenTime.js'

const time = (i: number) => ({ t: 100, i })
const origin: Position = { token: '826B01BF4B0000001E2B0229296E04', clusterTime: time(10), by: 'own' }
const begun = beginBackfill(origin, 'start', new Date(0))
const scanned = (ids: readonly unknown[], at = time(11), from: Scanning = begun) =>
  ids.reduce<Scanning>((position, id) => behindDocument(position, id, at, true), from)

test('a document’s token lies behind the position before the scan, before every later change’s, and rises with the _id', () => {
  const tokens = [1, 2, 'a'].map((id) => scanned([id]).token)
  const live = '826B01BF4B0000001E2B022C0100296E5A1004'
  const all = [origin.token, ...tokens, behindDocuments(scanned([1]), time(11)).token, live]
  expect(all).toEqual([...all].sort())
  expect(new Set(all).size).toBe(all.length)
  for (const token of all) expect(tokenTime(token)).toEqual(tokenTime(origin.token))
})

test('the same document has the same token however many others come before it: a number in its place would not', () => {
  expect(scanned([1, 2, 3]).token).toBe(scanned([3]).token)
  const naive = (ids: readonly number[], id: number) => `${origin.token}${ids.indexOf(id).toString(16).padStart(16, '0')}`
  // Read again after a crash: document 2 was inserted meanwhile, so that 3, which was done, looks new; then 1 was deleted.
  expect(naive([1, 2, 3], 3) > naive([1, 3], 3)).toBe(true)
  expect(naive([3], 3) < naive([1, 3], 3)).toBe(true)
})

test('a change that a document which was handed over contains is known by the time as of which the document was read', () => {
  let position = scanned([1, 2], time(20))
  // The snapshot was gone: what comes is newer.
  position = scanned([3, 4], time(30), position)
  const { backfill } = behindDocuments(position, time(30)) as Scanning
  expect(backfill.slices.map(({ at }) => at.i)).toEqual([20, 30])
  const found = [1, 2, 3, 9].map((id) => [15, 20, 21, 30, 31].map((i) => contains(backfill, id, time(i))))
  expect(found).toEqual([
    [true, true, false, false, false],
    [true, true, false, false, false],
    [true, true, true, true, false],
    [true, true, true, true, false],
  ])
})

test('documents that may have been handed over before, as of an older time, count as of that one: a change is rather handed over twice than lost', () => {
  const before = resumeBackfill(scanned([1], time(20)), 2)
  let position = scanned([2, 3], time(40), before)
  expect(position.backfill).toMatchObject({ doubt: 0, at: time(20), slices: [] })
  position = scanned([4], time(40), position)
  expect(position.backfill).toMatchObject({ at: time(40), slices: [{ at: time(20) }] })
  const { backfill } = behindDocuments(position, time(40)) as Scanning
  expect([2, 3, 4].map((id) => contains(backfill, id, time(30)))).toEqual([false, false, true])
})

test('a backfill of targets that were filled before contains no change: nobody else would tell them what was deleted', () => {
  const again = beginBackfill(origin, 'again', new Date(0))
  const position = scanned([2], time(30), scanned([1], time(20), again))
  const { backfill } = behindDocuments(position, time(30)) as Scanning
  expect(contains(backfill, 1, time(15))).toBe(false)
})

test('what documents contain is remembered with each position up to the last change that they may contain, and then forgotten', () => {
  const ended = behindDocuments(scanned([1], time(20)), time(20))
  const at = (i: number): Position => ({ token: 'x', clusterTime: time(i), by: 'own' })
  expect(carrying(at(20), ended.backfill)).toEqual({ ...at(20), backfill: ended.backfill })
  expect(carrying(at(21), ended.backfill)).toEqual(at(21))
})
