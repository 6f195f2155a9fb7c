import { expect, test } from 'vitest'
import { pauseAt } from '../../src/core/pause.js'

const now = new Date('2026-11-21T00:00:00Z')
const later = new Date('2026-11-21T00:00:01Z')

test('a pause counts until its time, and without a time for ever', () => {
  expect(pauseAt(null, now)).toBeNull()
  expect(pauseAt({}, now)).toBeNull()
  expect(pauseAt({ paused: 'x' }, now)).toEqual({ reason: 'x', until: null })
  expect(pauseAt({ paused: 'x', pausedUntil: later }, now)).toEqual({ reason: 'x', until: later })
  expect(pauseAt({ paused: 'x', pausedUntil: now }, now)).toBeNull()
  expect(pauseAt({ paused: null, pausedUntil: later }, now)).toBeNull()
})
