import { expect, test } from 'vitest'
import { formatChanges, formatDuration, formatTime, shortToken } from '../../src/output/format.js'
import { shellCommand } from '../../src/output/shellCommand.js'
import { table } from '../../src/output/table.js'

test.each([
  [0, '0s'],
  [250, '250ms'],
  [41 * 60_000, '41m'],
  [90_000, '1m 30s'],
  [3_600_000, '1h'],
  [139_620_000, '38h 47m'],
  [360_000_000, '4d 4h'],
  [-90_000, '-1m 30s'],
])('%i ms is written %s', (ms, text) => {
  expect(formatDuration(ms)).toBe(text)
})

test('a count says whether it is exact, one, or not known at all', () => {
  expect(formatChanges({ count: 1284, exact: true })).toBe('1,284 changes')
  expect(formatChanges({ count: 1, exact: true })).toBe('1 change')
  expect(formatChanges({ count: 100_000, exact: false })).toBe('≥ 100,000 changes')
  expect(formatChanges({ count: 0, exact: false })).toBe('an unknown number of changes')
})

test('times are RFC 3339 in UTC, tokens short enough to recognise', () => {
  expect(formatTime(new Date('2026-11-21T00:00:07Z'))).toBe('2026-11-21T00:00:07Z')
  expect(formatTime(new Date('2026-11-21T00:00:07.5Z'))).toBe('2026-11-21T00:00:07.500Z')
  expect(shortToken('826B01A3AA000000010004')).toBe('826B01A3…0004')
})

test('a printed command can be pasted: what a shell would take apart is quoted', () => {
  expect(shellCommand(['reset', 'streamReserva', '--to', '-1h', '--reason', "Ana's mail"])).toBe(
    String.raw`boletia-streams reset streamReserva --to -1h --reason 'Ana'\''s mail'`,
  )
  expect(shellCommand(['run', 'stream*', '$(x)', '<name>'])).toBe("boletia-streams run 'stream*' '$(x)' <name>")
})

test('columns line up whatever their colours', () => {
  expect(
    table([
      ['NAME', 'STATE'],
      ['a', 'x'],
      ['\u001B[32mlonger\u001B[39m', 'y'],
    ]),
  ).toBe('NAME    STATE\na       x\n\u001B[32mlonger\u001B[39m  y')
})
