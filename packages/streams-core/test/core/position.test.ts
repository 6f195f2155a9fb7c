import fc from 'fast-check'
import { expect, test } from 'vitest'
import { compareTimes, compareTokens, isReplay } from '../../src/core/position.js'
import { tokenTime, tokenUuid } from '../../src/core/tokenTime.js'
import { highWaterToken } from '../../src/testing/changes/madeToken.js'

const time = fc.record({ t: fc.integer({ min: 0, max: 0xffff_ffff }), i: fc.integer({ min: 0, max: 0xffff_ffff }) })
const event =
  '8267D5A1C1000000022B042C0100296E5A1004B7A3C5E0D1F24A3B9C8D7E6F5A4B3C2D463C6F7065726174696F6E54797065003C696E736572740046646F63756D656E744B65790046645F6964006467D5A1C1A0B1C2D3E4F5061700000004'

test('tokens sort as strings exactly like their cluster times', () => {
  fc.assert(
    fc.property(
      time,
      time,
      (a, b) => Math.sign(compareTokens(highWaterToken(a), highWaterToken(b))) === Math.sign(compareTimes(a, b)),
    ),
  )
})

test('the time of a token is its first timestamp, as the server wrote it', () => {
  const back = (at: { t: number; i: number }) => {
    expect(tokenTime(highWaterToken(at))).toEqual(at)
  }
  fc.assert(fc.property(time, back))
  expect(tokenTime(event)).toEqual({ t: 0x67d5a1c1, i: 2 })
})

test('the collection’s UUID is known from an event and unknown from a high-water mark', () => {
  expect(tokenUuid(event)).toBe('b7a3c5e0d1f24a3b9c8d7e6f5a4b3c2d')
  expect(tokenUuid(highWaterToken({ t: 1, i: 1 }))).toBeNull()
})

test('what is no resume token is refused with TOKEN_UNUSABLE', () => {
  for (const token of ['', 'zz', '82', '82ABC', '8367D5A1C100000002', `${event}F`]) {
    expect(() => tokenTime(token)).toThrow(expect.objectContaining({ code: 'TOKEN_UNUSABLE', exit: 6 }))
  }
})

test('a replay is what lies at or below the highest handled change, except where a forward move jumped over it', () => {
  const at = (i: number) => highWaterToken({ t: 1, i })
  const skipped = [{ from: at(2), to: at(4) }]
  const replayed = [1, 2, 3, 4, 5, 6].filter((i) => isReplay(at(i), at(5), skipped))
  expect(replayed).toEqual([1, 2, 5])
  expect(isReplay(at(1), null, [])).toBe(false)
})
