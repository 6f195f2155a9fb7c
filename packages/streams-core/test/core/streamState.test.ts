import { describe, expect, test } from 'vitest'
import { type StateFacts, streamState } from '../../src/core/streamState.js'

const now = new Date('2026-11-21T00:00:00Z')
const ago = (seconds: number) => new Date(now.getTime() - seconds * 1000)
const live: StateFacts = {
  known: true,
  saved: true,
  paused: false,
  failed: false,
  lease: 'live',
  full: false,
  movedAt: ago(1),
  now,
  lagMs: 0,
}
const state = (facts: Partial<StateFacts>) => streamState({ ...live, ...facts })

describe('a stream’s state', () => {
  test.each<[string, Partial<StateFacts>]>([
    ['new', { saved: false, lease: 'none', movedAt: null, lagMs: null }],
    ['orphan', { known: false }],
    ['orphan', { known: false, failed: true, lease: 'none' }],
    ['paused', { paused: true }],
    ['paused', { paused: true, lease: 'none' }],
    ['halted', { lease: 'none', failed: true, lagMs: null }],
    ['stopped', { lease: 'none', lagMs: 500 }],
    ['stale', { lease: 'expired' }],
    ['stuck', { full: true, lagMs: 40 }],
    ['stale', { full: true, lease: 'expired' }],
    ['idle', {}],
    ['running', { lagMs: 40 }],
    ['running', { lagMs: null }],
  ])('is %s for %o', (expected, facts) => {
    expect(state(facts)).toBe(expected)
  })

  test('is stuck only when it is behind and has not moved for two minutes', () => {
    expect(state({ lagMs: 120_000, movedAt: ago(120) })).toBe('stuck')
    expect(state({ lagMs: 120_000, movedAt: ago(119) })).toBe('running')
    expect(state({ lagMs: 120_000, movedAt: null })).toBe('running')
  })

  test('is running when a change has just come after a quiet hour', () => {
    expect(state({ lagMs: 5, movedAt: ago(3600) })).toBe('running')
  })

  test('is running while it works off an old backlog', () => {
    expect(state({ lagMs: 3_600_000, movedAt: ago(0.1) })).toBe('running')
  })
})
