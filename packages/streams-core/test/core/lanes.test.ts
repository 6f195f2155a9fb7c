import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Lanes } from '../../src/core/lanes.js'

interface Item<T> {
  readonly key: string | null
  readonly item: T
}

interface Life {
  readonly concurrency: number
  /** Keys of the changes in stream order; null = a barrier. */
  readonly keys: (string | null)[]
  /** What happens next: as many are offered; then one at work (by this number) ends. */
  readonly steps: { readonly offered: number; readonly ends: number }[]
}

const lives: fc.Arbitrary<Life> = fc.record({
  concurrency: fc.integer({ min: 1, max: 5 }),
  // Names that a careless implementation would mix up with its own.
  keys: fc.array(fc.constantFrom('a', 'a', 'b', 'c', '', 'barrier', '=barrier', null), { maxLength: 60 }),
  steps: fc.array(fc.record({ offered: fc.nat(6), ends: fc.nat(10) }), { maxLength: 60 }),
})

interface Begun {
  readonly index: number
  readonly key: string | null
  /** Changes that were at work or waiting when it began, and at which count of ended changes it began and ended. */
  readonly beside: readonly number[]
  endedBefore: ReadonlySet<number>
}

/** Lives it through, begins whatever may begin at each moment, and ends everything at last. */
function live({ concurrency, keys, steps }: Life): { readonly begun: Begun[]; readonly most: number } {
  const lanes = new Lanes<Item<number>>(concurrency)
  const atWork: Item<number>[] = []
  const ended = new Set<number>()
  const begun: Begun[] = []
  let offered = 0
  let most = 0

  function beginAll(): void {
    for (let next = lanes.take(); next !== undefined; next = lanes.take()) {
      begun.push({ index: next.item, key: next.key, beside: atWork.map(({ item }) => item), endedBefore: new Set(ended) })
      atWork.push(next)
    }
    most = Math.max(most, atWork.length)
    expect(lanes.mayBegin).toBe(false)
    expect(lanes.running).toBe(atWork.length)
    expect(lanes.waiting).toBe(offered - begun.length)
    // Nothing may stand still: without anything at work nothing may wait.
    if (atWork.length === 0) expect(lanes.waiting).toBe(0)
  }

  for (const step of [...steps, { offered: keys.length, ends: 0 }, ...keys.map(() => ({ offered: 0, ends: 0 }))]) {
    for (let count = 0; count < step.offered && offered < keys.length; count += 1) {
      lanes.offer({ key: keys[offered]!, item: offered })
      offered += 1
      beginAll()
    }
    const [one] = atWork.splice(step.ends % Math.max(1, atWork.length), 1)
    if (one === undefined) continue
    ended.add(one.item)
    lanes.done(one)
    beginAll()
  }
  expect(lanes.hasPlace).toBe(true)
  return { begun, most }
}

test('every change begins exactly once, however they are offered and ended', () => {
  fc.assert(
    fc.property(lives, (life) => {
      const { begun } = live(life)
      expect(begun.map(({ index }) => index).sort((a, b) => a - b)).toEqual(life.keys.map((_, index) => index))
      for (const { index, key } of begun) expect(key).toBe(life.keys[index])
    }),
  )
})

test('those of one key begin in their order, each after the one before it has ended', () => {
  fc.assert(
    fc.property(lives, (life) => {
      for (const { index, key, endedBefore } of live(life).begun) {
        const earlier = life.keys.flatMap((other, at) => (at < index && other === key ? [at] : []))
        expect(earlier.filter((at) => !endedBefore.has(at))).toEqual([])
      }
    }),
  )
})

test('a barrier begins alone, after everything before it has ended and before anything after it begins', () => {
  fc.assert(
    fc.property(lives, (life) => {
      for (const { index, key, beside, endedBefore } of live(life).begun) {
        if (key === null) {
          expect(beside).toEqual([])
          expect(endedBefore.size).toBe(index)
        }
        const barriers = life.keys.flatMap((other, at) => (at < index && other === null ? [at] : []))
        expect(barriers.filter((at) => !endedBefore.has(at))).toEqual([])
      }
    }),
  )
})

test('at most `concurrency` are at work, and as many as there are different keys', () => {
  fc.assert(
    fc.property(lives, (life) => {
      expect(live(life).most).toBeLessThanOrEqual(life.concurrency)
    }),
  )
  const keys = ['a', 'b', 'c', 'd', 'e']
  expect(live({ concurrency: 3, keys, steps: [{ offered: 5, ends: 0 }] }).most).toBe(3)
  expect(live({ concurrency: 9, keys, steps: [{ offered: 5, ends: 0 }] }).most).toBe(5)
  expect(live({ concurrency: 9, keys: ['barrier', '=barrier', ''], steps: [{ offered: 3, ends: 0 }] }).most).toBe(3)
  expect(live({ concurrency: 9, keys: keys.map(() => 'a'), steps: [{ offered: 5, ends: 0 }] }).most).toBe(1)
})

test('a key that never ends holds back its own changes and the barriers, nobody else', () => {
  const lanes = new Lanes<Item<string>>(2)
  lanes.offer({ key: 'stuck', item: 'stuck 1' })
  lanes.offer({ key: 'stuck', item: 'stuck 2' })
  expect(lanes.take()?.item).toBe('stuck 1')
  const seen: string[] = []
  for (const item of ['a', 'b', 'c']) {
    const one = { key: item, item }
    lanes.offer(one)
    seen.push(lanes.take()!.item)
    expect(lanes.take()).toBeUndefined()
    lanes.done(one)
  }
  lanes.offer({ key: null, item: 'barrier' })
  lanes.offer({ key: 'd', item: 'd' })
  expect(lanes.take()).toBeUndefined()
  expect([seen, lanes.waiting, lanes.hasPlace]).toEqual([['a', 'b', 'c'], 3, true])
})
