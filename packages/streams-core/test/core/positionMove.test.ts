import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isReplay } from '../../src/core/position.js'
import { type MoveFacts, direction, skippedAfter } from '../../src/core/positionMove.js'

const at = (token: string) => ({ token })

test('back is a rewind, on is a skip, the same place is neither', () => {
  expect(direction(at('82B'), at('82A'))).toBe('rewind')
  expect(direction(at('82A'), at('82B'))).toBe('skip')
  expect(direction(at('82A'), at('82A'))).toBe('none')
})

describe('after a move', () => {
  const move = (facts: Partial<MoveFacts>) =>
    skippedAfter({ skipped: [], highest: 'c', since: null, from: 'c', to: 'c', ...facts })

  test('a jump over what was never handled is remembered', () => {
    expect(move({ to: 'f' })).toEqual([{ from: 'c', to: 'f' }])
  })

  test('a rewind alone leaves nothing unseen', () => {
    expect(move({ to: 'a' })).toEqual([])
  })

  test('an undo of a jump keeps the interval, so that its changes are no replay', () => {
    const skipped = move({ to: 'f' })
    expect(skippedAfter({ skipped, highest: 'h', since: 'f', from: 'h', to: 'c' })).toEqual([{ from: 'c', to: 'f' }])
    expect(isReplay('d', 'h', skipped)).toBe(false)
    expect(isReplay('g', 'h', skipped)).toBe(true)
  })

  test('what an undo worked off is a replay the next time', () => {
    expect(skippedAfter({ skipped: [{ from: 'c', to: 'f' }], highest: 'h', since: 'c', from: 'h', to: 'c' })).toEqual([])
    expect(skippedAfter({ skipped: [{ from: 'c', to: 'f' }], highest: 'h', since: 'c', from: 'd', to: 'c' })).toEqual([
      { from: 'd', to: 'f' },
    ])
  })

  test('a jump back to where a rewind began leaves nothing unseen', () => {
    expect(skippedAfter({ skipped: [], highest: 'h', since: 'c', from: 'd', to: 'h' })).toEqual([])
    expect(skippedAfter({ skipped: [], highest: 'h', since: 'c', from: 'd', to: 'k' })).toEqual([{ from: 'h', to: 'k' }])
  })

  test('jumps that touch become one interval', () => {
    expect(skippedAfter({ skipped: [{ from: 'c', to: 'f' }], highest: 'c', since: 'f', from: 'f', to: 'k' })).toEqual([
      { from: 'c', to: 'k' },
    ])
  })

  test('for any series of moves and runs, exactly the changes handled before are replays', () => {
    const token = (n: number) => String(n).padStart(3, '0')
    const step = fc.record({ kind: fc.constantFrom('run', 'move'), n: fc.integer({ min: 1, max: 30 }) })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 25 }), (steps) => {
        const handled = new Set<number>()
        let position = 10
        let highest: string | null = null
        let since: string | null = null
        let skipped: readonly { from: string; to: string }[] = []
        for (const { kind, n } of steps) {
          if (kind === 'move') {
            skipped = skippedAfter({ skipped, highest, since, from: token(position), to: token(n) })
            position = n
            since = token(n)
            continue
          }
          for (let change = position + 1; change <= n; change++) {
            // Below the first start nothing was handled, yet it counts as seen: mails of the past must not go out by a slip.
            if (change > 10) expect([change, isReplay(token(change), highest, skipped)]).toEqual([change, handled.has(change)])
          }
          for (let change = position + 1; change <= n; change++) handled.add(change)
          if (n > position) {
            if (highest === null || token(n) > highest) highest = token(n)
            position = n
          }
        }
      }),
      { numRuns: 2000 },
    )
  })

  test('the naive list of jumps would send a mail twice after an undo of a rewind', () => {
    // 1 to 8 were handled; rewound to 3; jumped back on to 8; rewound again.
    const naive = [{ from: '3', to: '8' }]
    const ours = skippedAfter({ skipped: [], highest: '8', since: '3', from: '3', to: '8' })
    expect(['4', '5', '6', '7', '8'].filter((token) => !isReplay(token, '8', naive))).toHaveLength(5)
    expect(['4', '5', '6', '7', '8'].filter((token) => !isReplay(token, '8', ours))).toHaveLength(0)
  })
})
