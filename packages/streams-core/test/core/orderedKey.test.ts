import { Binary, Decimal128, Double, Int32, Long, MaxKey, MinKey, ObjectId, Timestamp, UUID } from 'mongodb'
import { expect, test } from 'vitest'
import { orderedKey } from '../../src/core/orderedKey.js'

const decimal = (text: string) => Decimal128.fromString(text)

/** In the server's order; test/mongo/orderedKey.mongo.test.ts asks the server. */
const ascending: readonly unknown[] = [
  new MinKey(),
  null,
  Number.NaN,
  Number.NEGATIVE_INFINITY,
  decimal('-1E+300'),
  -1e20,
  -1.5,
  -1,
  decimal('-1E-6000'),
  0,
  5e-324,
  decimal('0.1'),
  1,
  Long.fromNumber(2),
  2.5,
  new Int32(10),
  new Double(99.5),
  Long.MAX_VALUE,
  decimal('1E+6000'),
  Number.POSITIVE_INFINITY,
  '',
  'a',
  'a\u0000',
  'a\u0000b',
  'ab',
  'b',
  'é',
  '票',
  {},
  { a: 1 },
  { a: 1, b: 1 },
  { b: 0 },
  { a: 'x' },
  { a: ['y'] },
  new Binary(Buffer.from([9])),
  new Binary(Buffer.from([1, 1])),
  new Binary(Buffer.from([1, 1]), 5),
  new UUID('00000000-0000-4000-8000-000000000001'),
  new ObjectId('000000000000000000000001'),
  new ObjectId('ff0000000000000000000000'),
  false,
  true,
  new Date(-1),
  new Date(0),
  new Date(8.64e15),
  new Timestamp({ t: 1, i: 2 }),
  new Timestamp({ t: 4_000_000_000, i: 0 }),
  new MaxKey(),
]

test('the keys of values of every type rise with the values, and none begins another', () => {
  const keys = ascending.map(orderedKey)
  for (const [index, key] of keys.entries()) {
    expect(key).toMatch(/^(?:[0-9A-F]{2})+$/)
    for (const later of keys.slice(index + 1)) {
      expect([ascending[index], key < later]).toEqual([ascending[index], true])
      expect(later.startsWith(key)).toBe(false)
    }
  }
})

test('one number has one key, whatever its type', () => {
  const five = [5, 5n, Long.fromNumber(5), new Int32(5), new Double(5), decimal('5'), decimal('5.00'), decimal('0.5E+1')]
  expect(new Set(five.map(orderedKey)).size).toBe(1)
  expect(orderedKey(-0)).toBe(orderedKey(decimal('-0E+5')))
  expect(orderedKey(2 ** 53)).toBe(orderedKey(Long.fromString('9007199254740992')))
  expect(orderedKey(0.5)).toBe(orderedKey(decimal('0.5')))
})

test('what no usual _id is, is refused by its type', () => {
  for (const value of [/a/, () => 1, undefined, new Uint8Array(2), new Map()]) {
    expect(() => orderedKey(value)).toThrow(/order among the others is not known/)
  }
})
