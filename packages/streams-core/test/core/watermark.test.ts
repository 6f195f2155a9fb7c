import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type HandedOut, Watermark } from '../../src/core/watermark.js'

/** Each change is added by the time it is settled, in any order; `true` in `takes` = somebody saves after that step. */
interface Life {
  readonly sizes: number[]
  /** A permutation: which change settles at each step. */
  readonly order: number[]
  /** How many changes more than needed are added before each step. */
  readonly early: number[]
  readonly takes: boolean[]
}

const lives: fc.Arbitrary<Life> = fc.integer({ min: 1, max: 40 }).chain((length) => {
  const each = { minLength: length, maxLength: length }
  return fc.record({
    sizes: fc.array(fc.integer({ min: 1, max: 1000 }), each),
    order: fc.shuffledSubarray(
      Array.from({ length }, (_, index) => index),
      each,
    ),
    early: fc.array(fc.nat(3), each),
    takes: fc.array(fc.boolean(), each),
  })
})

interface Entry extends HandedOut {
  readonly item: number
}

function added(watermark: Watermark<Entry>, item: number, bytes: number): Entry {
  const entry: Entry = { item, bytes, place: 0, settled: false }
  watermark.add(entry)
  expect(entry.place).toBeGreaterThan(0)
  return entry
}

/** Lives it through, and calls `look` after each step with what is added and settled by then. */
function live({ sizes, order, early, takes }: Life, look: (at: Step) => void): void {
  const watermark = new Watermark<Entry>()
  const entries: Entry[] = []
  const settled = new Set<number>()
  for (const [step, index] of order.entries()) {
    const until = Math.min(sizes.length, Math.max(entries.length, index + 1) + early[step]!)
    while (entries.length < until) entries.push(added(watermark, entries.length, sizes[entries.length]!))
    watermark.settle(entries[index]!)
    settled.add(index)
    look({ watermark, added: entries.length, settled, last: index, takes: takes[step]! })
  }
}

interface Step {
  readonly watermark: Watermark<Entry>
  readonly added: number
  readonly settled: ReadonlySet<number>
  readonly last: number
  readonly takes: boolean
}

/** How many from the first on are settled without a gap. */
function prefix(settled: ReadonlySet<number>): number {
  let length = 0
  while (settled.has(length)) length += 1
  return length
}

test('the mark is the last change up to which every one is settled, whatever the order in which they settle; taken, it is null until it moves', () => {
  fc.assert(
    fc.property(lives, (life) => {
      let taken = 0
      live(life, ({ watermark, settled, takes }) => {
        const done = prefix(settled)
        expect(watermark.mark?.item ?? null).toBe(done > taken ? done - 1 : null)
        if (!takes) return
        expect(watermark.take()?.item ?? null).toBe(done > taken ? done - 1 : null)
        expect(watermark.mark).toBeNull()
        taken = done
      })
    }),
  )
})

test('ahead and bytes count everything behind the mark, settled ones included; oldest is the first of them', () => {
  fc.assert(
    fc.property(lives, (life) => {
      live(life, ({ watermark, added, settled }) => {
        const done = prefix(settled)
        expect(watermark.ahead).toBe(added - done)
        expect(watermark.bytes).toBe(life.sizes.slice(done, added).reduce((sum, size) => sum + size, 0))
        expect(watermark.oldest?.item ?? null).toBe(done < added ? done : null)
      })
    }),
  )
})

test('a hundred thousand changes pass behind it, ten thousand at a time, and none is kept', () => {
  const watermark = new Watermark<Entry>()
  const open: Entry[] = []
  let next = 0
  for (let round = 0; round < 10; round += 1) {
    while (open.length < 10_000) open.push(added(watermark, (next += 1), 7))
    expect(watermark.ahead).toBe(10_000)
    // The oldest last: until then nothing may be given up.
    for (const entry of open.slice(1).reverse()) watermark.settle(entry)
    expect([watermark.ahead, watermark.bytes, watermark.mark]).toEqual([10_000, 70_000, null])
    watermark.settle(open[0]!)
    expect([watermark.ahead, watermark.bytes, watermark.take()?.item]).toEqual([0, 0, next])
    open.length = 0
  }
  // In order, with a few always open: the array is cut on the way.
  for (let index = 0; index < 20_000; index += 1) {
    open.push(added(watermark, (next += 1), 7))
    if (open.length > 3) watermark.settle(open.shift()!)
    expect(watermark.ahead).toBe(open.length)
  }
  expect(watermark.mark?.item).toBe(next - 3)
})

test('the lives are hard enough: the last *settled* change instead of the mark would lose changes in a crash', () => {
  const found = fc.check(
    fc.property(lives, (life) => {
      let lost = 0
      // A crash at this step: the next run begins behind the saved change, so that every unsettled one before it is lost.
      live(life, ({ settled, last }) => (lost += last + 1 - [...settled].filter((index) => index <= last).length))
      return lost === 0
    }),
    { seed: 7 },
  )
  expect(found.failed).toBe(true)
  const four = { sizes: [1, 1, 1, 1], order: [3, 0, 1, 2], early: [0, 0, 0, 0], takes: [] as boolean[] }
  const wrong: number[] = []
  live({ ...four, takes: [false, false, false, false] }, ({ settled, last }) => {
    wrong.push(last + 1 - [...settled].filter((index) => index <= last).length)
  })
  expect(wrong).toEqual([3, 0, 0, 0])
})
