import { describe, expect, test } from 'vitest'
import { assess, worst } from '../../src/core/assess.js'
import type { StreamState } from '../../src/core/streamState.js'

const well = {
  state: 'idle' as StreamState,
  lagMs: 0,
  headroomMs: 86_400_000,
  parked: 0,
  stuckMs: 0,
  drift: false,
  failed: false,
}
type Condition = Parameters<typeof assess>[0]
const levels = (changed: Partial<Condition>, limits = {}) =>
  assess({ ...well, ...changed }, limits).map(({ about, level }) => `${about} ${level}`)

describe('without limits', () => {
  test.each<[StreamState, string[]]>([
    ['running', []],
    ['idle', []],
    ['orphan', []],
    ['new', ['state warning']],
    ['paused', ['state warning']],
    ['stopped', ['state warning']],
    ['stale', ['state critical']],
    ['halted', ['state critical']],
    ['stuck', ['state critical']],
  ])('%s: %j', (state, expected) => {
    expect(levels({ state })).toEqual(expected)
  })

  test('an orphan that an error has halted is critical: its handler is elsewhere, its halt is not', () => {
    expect(levels({ state: 'orphan', failed: true })).toEqual(['state critical'])
  })

  test('a lost position and a changed definition are told', () => {
    expect(levels({ headroomMs: 0, drift: true })).toEqual(['headroom critical', 'definition warning'])
    expect(levels({ lagMs: null, headroomMs: null })).toEqual([])
  })
})

describe('a limit', () => {
  const limit = { warning: 10, critical: 20 }
  test('is passed above its figure, the headroom’s below', () => {
    const lag = (lagMs: number) => levels({ lagMs }, { maxLagMs: limit })
    expect([lag(10), lag(11), lag(20), lag(21)]).toEqual([[], ['lag warning'], ['lag warning'], ['lag critical']])
    const headroom = (headroomMs: number) => levels({ headroomMs }, { minHeadroomMs: { warning: 20, critical: 10 } })
    expect([headroom(20), headroom(19), headroom(10), headroom(9)]).toEqual([
      [],
      ['headroom warning'],
      ['headroom warning'],
      ['headroom critical'],
    ])
    expect(levels({ parked: 1 }, { maxParked: { warning: null, critical: 0 } })).toEqual(['parked critical'])
  })

  test('on what is not known is a warning, never silence', () => {
    const limits = { maxLagMs: limit, minHeadroomMs: limit, maxStuckMs: limit }
    expect(levels({ lagMs: null, headroomMs: null, stuckMs: null }, limits)).toEqual([
      'lag warning',
      'headroom warning',
      'stuck warning',
    ])
    expect(levels({ state: 'orphan', lagMs: null }, limits), 'nobody knows what an orphan watches').toEqual([])
  })

  test('of --max-stuck says what stuck is', () => {
    expect(levels({ state: 'stuck', stuckMs: 15 }, { maxStuckMs: limit })).toEqual(['stuck warning'])
    expect(levels({ state: 'stuck', stuckMs: 5 }, { maxStuckMs: limit })).toEqual([])
  })
})

test('the worst of several counts', () => {
  expect([worst([]), worst(['ok', 'warning']), worst(['warning', 'critical', 'ok'])]).toEqual(['ok', 'warning', 'critical'])
})
