import fc from 'fast-check'
import { expect, test } from 'vitest'
import { guardedInc } from '../../src/guards/index.js'

// The guard's write, as MongoDB would do it to one document: just enough of its language, so that thousands of histories can be tried.
// apply.mongo.test.ts and replay.mongo.test.ts hold the real server to the same.
interface Stored {
  disponible: number
  token?: string
}
const matches = (stored: Stored, condition: Record<string, unknown>): boolean =>
  Object.entries(condition).every(([name, wanted]) => {
    if (name === '$and') return (wanted as Record<string, unknown>[]).every((part) => matches(stored, part))
    if (name === '$or') return (wanted as Record<string, unknown>[]).some((part) => matches(stored, part))
    const value = stored[name as keyof Stored]
    if (wanted === null) return value === undefined
    if (typeof wanted === 'object' && '$lt' in wanted) return typeof value === 'string' && value < String(wanted.$lt)
    if (typeof wanted === 'object' && '$ne' in wanted) return value !== wanted.$ne
    return name === 'nombre'
  })
const deliver = (stored: Stored, token: string, cantidad: number, mode: 'ordered' | 'last') => {
  const write = guardedInc(
    { stream: 's', token },
    { target: 't', filter: { nombre: 'e' }, inc: { disponible: cantidad }, field: 'token', mode },
  )
  if (!('updateOne' in write)) throw new Error('no updateOne')
  if (!matches(stored, write.updateOne.filter)) return
  stored.disponible += cantidad
  stored.token = token
}

interface History {
  readonly amounts: number[]
  /** Index of the change that each delivery hands over. */
  readonly deliveries: number[]
}
/** A stream's life: it goes on in order, falls back to any earlier place (a crash, a replay, a reset), any number of times, and ends at the end. */
const histories: fc.Arbitrary<History> = fc
  .array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 12 })
  .chain((amounts) =>
    fc
      .array(fc.record({ to: fc.nat(amounts.length), back: fc.nat(amounts.length) }), { maxLength: 6 })
      .map((legs) => ({ amounts, deliveries: walk(amounts.length, legs) })),
  )

function walk(length: number, legs: readonly { to: number; back: number }[]): number[] {
  const deliveries: number[] = []
  let position = 0
  for (const { to, back } of [...legs, { to: length, back: length }]) {
    for (; position < Math.max(to, position); position++) deliveries.push(position)
    position = Math.min(back, position)
  }
  for (; position < length; position++) deliveries.push(position)
  return deliveries
}

const token = (index: number) => `82${index.toString(16).padStart(4, '0')}`
const sum = (amounts: readonly number[]) => amounts.reduce((total, amount) => total + amount, 0)
const outcome = ({ amounts, deliveries }: History, mode: 'ordered' | 'last') => {
  const stored: Stored = { disponible: 0 }
  for (const index of deliveries) deliver(stored, token(index), amounts[index]!, mode)
  return stored
}

test('whatever falls back and is delivered again, the ordered guard ends as if each change had come once', () => {
  fc.assert(
    fc.property(histories, (history) => {
      expect(outcome(history, 'ordered')).toEqual({ disponible: sum(history.amounts), token: token(history.amounts.length - 1) })
    }),
    { numRuns: 2000 },
  )
})

test('the histories are hard enough: the original guard (≠ the last token) fails them', () => {
  const found = fc.check(
    fc.property(histories, (history) => outcome(history, 'last').disponible === sum(history.amounts)),
    { numRuns: 2000, seed: 7 },
  )
  expect(found.failed).toBe(true)
})

test('the ordered guard needs stream order: two changes of one target that swap places lose the earlier one', () => {
  expect(outcome({ amounts: [3, 4], deliveries: [1, 0] }, 'ordered').disponible).toBe(4)
})

test('the ordered guard needs replays that end at the saved position: one that went past it takes from the live changes', () => {
  const handled = [0, 1]
  const replayedBeyond = [3]
  const live = [2, 3]
  expect(outcome({ amounts: [1, 1, 1, 1], deliveries: [...handled, ...replayedBeyond, ...live] }, 'ordered').disponible).toBe(3)
})
