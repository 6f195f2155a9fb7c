import { expect, test } from 'vitest'
import { type Oplog, headroomMs, headroomShare } from '../../src/core/headroom.js'

const hour = 3600
const time = (t: number) => ({ t, i: 1 })
const full: Oplog = { first: time(0), last: time(10 * hour), usedBytes: 1000, maxBytes: 1000 }

test('a full oplog forgets a position after as long as lies before it', () => {
  expect(headroomMs(time(4 * hour), full)).toBe(4 * hour * 1000)
})

test('the free part counts at the rate at which the rest was written', () => {
  expect(headroomMs(time(4 * hour), { ...full, maxBytes: 3000 })).toBe(24 * hour * 1000)
})

test('a position before the oplog’s first entry has none', () => {
  expect(headroomMs(time(0), { ...full, first: time(1) })).toBe(0)
})

test('a position at the end has the whole window, not more', () => {
  expect(headroomMs(time(11 * hour), full)).toBe(10 * hour * 1000)
})

test('an oplog of one second has no rate yet', () => {
  expect(headroomMs(time(0), { ...full, last: time(0) })).toBeNull()
})

test('the share of the headroom that is left: all of it now, half of it in the middle, none before the first entry', () => {
  expect([10, 5, 2, -1].map((hours) => headroomShare(time(hours * hour), full))).toEqual([1, 0.5, 0.2, 0])
  expect(headroomShare(time(5 * hour), { ...full, last: full.first })).toBeNull()
})
