import { expect, test } from 'vitest'
import { type CrashPoint, unobserved } from '../../src/core/crashPoints.js'
import { announcer } from '../../src/runtime/worker.js'

test('without an observer of crash points a run calls an empty function and nothing else', () => {
  expect(announcer({}, 's')).toBe(unobserved)
  expect(announcer({ settled: () => undefined }, 's')).toBe(unobserved)
})

test('an observer is told of each crash point before anything else happens, and what it throws is ignored', () => {
  const passed: { readonly stream: string; readonly point: CrashPoint }[] = []
  const passing = announcer(
    {
      passing(event) {
        passed.push(event)
        throw new Error('not part of the work')
      },
    },
    's',
  )
  passing('read.asked')
  expect(passed).toEqual([{ stream: 's', point: 'read.asked' }])
})
