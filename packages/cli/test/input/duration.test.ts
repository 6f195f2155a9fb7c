import { expect, test } from 'vitest'
import { parseDuration } from '../../src/input/duration.js'

test.each([
  ['90s', 90_000],
  ['15m', 900_000],
  ['2h30m', 9_000_000],
  ['1d', 86_400_000],
  ['1d2h3m4s', 93_784_000],
  ['PT2H', 7_200_000],
  ['P1DT30M', 88_200_000],
  ['PT90S', 90_000],
])('%s is %i ms', (text, ms) => {
  expect(parseDuration(text, '--by')).toBe(ms)
})

test.each(['', '15', 'm', '1.5h', '30m2h', '2h 30m', '-2h', 'P', 'PT', 'P2H', '1w', '1h1h', '99999999999999999d'])(
  '"%s" is refused as USAGE',
  (text) => {
    expect(() => parseDuration(text, '--by')).toThrowError(expect.objectContaining({ code: 'USAGE', exit: 2 }) as Error)
  },
)

test('a bare number is told which units it may mean', () => {
  expect(() => parseDuration('15', '--by')).toThrowError(
    expect.objectContaining({
      message: '--by: "15" has no unit',
      details: { why: 'A duration is written like 15s, 15m or 15h.' },
    }) as Error,
  )
})
