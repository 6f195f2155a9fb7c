import { expect, test } from 'vitest'
import { parseCount, parseRate, parseRev } from '../../src/input/number.js'

const usage = expect.objectContaining({ code: 'USAGE', exit: 2 }) as Error

test('a count is a whole number from 1 up', () => {
  expect(parseCount('10', '--max')).toBe(10)
  for (const text of ['0', '-1', '1.5', 'ten', '', '1e3', '99999999999999999'])
    expect(() => parseCount(text, '--max')).toThrowError(usage)
})

test('a revision may be 0', () => {
  expect(parseRev('0', '--if-rev')).toBe(0)
  for (const text of ['-1', 'x', '']) expect(() => parseRev(text, '--if-rev')).toThrowError(usage)
})

test('a rate names its unit and becomes changes per second', () => {
  expect(parseRate('50/s', '--rate')).toBe(50)
  expect(parseRate('90/m', '--rate')).toBe(1.5)
  expect(parseRate('1800/h', '--rate')).toBe(0.5)
  for (const text of ['50', '0/s', '50/d', '/s', '-5/s']) expect(() => parseRate(text, '--rate')).toThrowError(usage)
})
