import { describe, expect, test } from 'vitest'
import { parseBy, parseWhere } from '../../src/input/where.js'

const refused = (text: string) => {
  try {
    parseWhere(text, '--to')
  } catch (error) {
    return error as { code: string; message: string; details: { why: string } }
  }
  return null
}

describe('a place', () => {
  test.each([
    ['earliest', { kind: 'earliest' }],
    ['latest', { kind: 'latest' }],
    ['prev', { kind: 'prev' }],
    ['-2h', { kind: 'ago', ms: 7_200_000 }],
    ['-PT2H', { kind: 'ago', ms: 7_200_000 }],
    ['token:82AB', { kind: 'token', token: '82AB' }],
    // Whether it is one is for the server to say: exit 6, not 2.
    ['token:zz', { kind: 'token', token: 'zz' }],
    ['stream:streamReserva', { kind: 'stream', name: 'streamReserva' }],
    ['2026-11-21T00:00:07Z', { kind: 'time', time: new Date('2026-11-21T00:00:07Z') }],
    ['2026-11-21T01:00:07.250+01:00', { kind: 'time', time: new Date('2026-11-21T00:00:07.250Z') }],
    ['2026-11-21 00:00:07z', { kind: 'time', time: new Date('2026-11-21T00:00:07Z') }],
  ])('%s is understood', (text, where) => {
    expect(parseWhere(text, '--to')).toEqual(where)
  })

  test.each([
    ['15', 'is a bare number'],
    ['1795253567', 'is a bare number'],
    ['15m', 'points to the future'],
    ['+2h', 'points to the future'],
    ['-15', 'has no unit'],
    ['2026-11-21', 'has no zone'],
    ['2026-11-21T00:00:07', 'has no zone'],
    ['2026-11-21T00:00Z', 'is not a time'],
    ['2026-02-30T00:00:00Z', 'does not exist in the calendar'],
    ['2026-11-21T25:00:00Z', 'does not exist in the calendar'],
    ['21/11/2026', 'is not a place'],
    ['yesterday', 'is not a place'],
    ['token:', 'nothing stands after'],
    ['stream:', 'nothing stands after'],
    ['', 'is not a place'],
  ])('"%s" is refused as USAGE: %s', (text, message) => {
    expect(refused(text)).toMatchObject({ code: 'USAGE', message: expect.stringContaining(message) as string })
  })

  test('a time without a zone is shown how it is written in full', () => {
    expect(refused('2026-11-21T00:00:07')?.details.why).toContain('2026-11-21T00:00:07Z')
    expect(refused('2026-11-21')?.details.why).toContain('2026-11-21T00:00:00Z')
  })
})

test('--by goes backwards with a minus and forwards without', () => {
  expect(parseBy('-15m', '--by')).toEqual({ kind: 'by', ms: -900_000 })
  expect(parseBy('15m', '--by')).toEqual({ kind: 'by', ms: 900_000 })
  expect(parseBy('+15m', '--by')).toEqual({ kind: 'by', ms: 900_000 })
  expect(() => parseBy('-15', '--by')).toThrowError(expect.objectContaining({ code: 'USAGE' }) as Error)
})
