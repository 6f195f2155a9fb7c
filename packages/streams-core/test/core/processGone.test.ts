import { expect, test } from 'vitest'
import { processGone } from '../../src/core/processGone.js'

const stat = (state: string, start: string): string =>
  `42 (a) b) ${state} ${Array.from({ length: 18 }, () => '0').join(' ')} ${start} 0`
const must = (): never => expect.unreachable('no signal is needed')

test('a process that is seen is gone when another one has its PID, or when only its zombie is left', () => {
  expect(processGone('77', { stat: stat('S', '77') }, must)).toBe(false)
  expect(processGone('77', { stat: stat('S', '78') }, must)).toBe(true)
  expect(processGone('77', { stat: stat('Z', '77') }, must)).toBe(true)
  expect(processGone('77', { stat: '' }, must)).toBe(false)
})

test('without an entry a process is gone only when no signal reaches its PID: the entry may be hidden', () => {
  expect(processGone('77', { code: 'ENOENT' }, () => 'ESRCH')).toBe(true)
  expect(processGone('77', { code: 'ESRCH' }, () => 'ESRCH')).toBe(true)
  expect(processGone('77', { code: 'ENOENT' }, () => 'EPERM')).toBe(false)
  expect(processGone('77', { code: 'ENOENT' }, () => null)).toBe(false)
})

test.each(['EACCES', 'EPERM', 'EMFILE', 'ENFILE', 'EIO', undefined])('an entry that cannot be read (%s) says nothing', (code) => {
  expect(processGone('77', { code }, () => 'ESRCH')).toBe(false)
})
