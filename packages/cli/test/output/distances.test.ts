import { describe, expect, test } from 'vitest'
import { headroomText, lagText } from '../../src/output/distances.js'

const status = {
  state: 'running' as const,
  position: { clusterTime: new Date(0), token: '82AB' },
  lagMs: 0,
  headroomMs: 3_600_000,
  backfill: null,
}
const scanning = { state: 'scanning' as const, scanned: 2, startedAt: new Date(0) }

describe('the lag of a status', () => {
  test.each<[string, Partial<Parameters<typeof lagText>[0]>]>([
    ['none, caught up', {}],
    ['1m 5s', { lagMs: 65_000 }],
    ['not known in time: the server was still searching after a second, or may not be asked', { lagMs: null }],
    ['unknown: nothing is saved', { lagMs: null, position: null, state: 'new' }],
    ['unknown: what it watches is not in the config', { lagMs: null, state: 'orphan' }],
    ['unknown: what follows its position is lost', { lagMs: null, headroomMs: 0 }],
    ['unknown until the existing documents are done', { lagMs: null, backfill: scanning }],
  ])('is told as %j', (text, facts) => {
    expect(lagText({ ...status, ...facts })).toBe(text)
  })
})

describe('the headroom of a status', () => {
  test.each<[string, Partial<Parameters<typeof headroomText>[0]>]>([
    ['1h until the oplog forgets the position', {}],
    ['none: the oplog has forgotten the position', { headroomMs: 0 }],
    ['unknown: the oplog may not be read, or does not tell', { headroomMs: null }],
    ['unknown: nothing is saved', { headroomMs: null, position: null }],
  ])('is told as %j', (text, facts) => {
    expect(headroomText({ ...status, ...facts })).toBe(text)
  })
})
