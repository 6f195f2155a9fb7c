import * as fc from 'fast-check'
import { Binary, Decimal128, Long, ObjectId, Timestamp, UUID } from 'mongodb'
import { expect, inject, test } from 'vitest'
import { orderedKey } from '../../src/core/orderedKey.js'
import { testDatabase } from '../../src/testing/index.js'

const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length })
const decimal = fc
  .tuple(fc.bigInt({ min: -(10n ** 20n), max: 10n ** 20n }), fc.integer({ min: -400, max: 400 }))
  .map(([digits, exponent]) => Decimal128.fromString(`${digits}E${exponent}`))
const scalar: fc.Arbitrary<unknown> = fc.oneof(
  fc.constant(null),
  fc.boolean(),
  fc.integer(),
  fc.double(),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map((value) => Long.fromBigInt(value)),
  // A double and a decimal are compared after rounding: only far apart is their order that of the numbers.
  decimal,
  fc.string({ unit: 'grapheme', maxLength: 4 }),
  fc.stringMatching(/^[ab\0]{0,3}$/),
  bytes(12).map((id) => new ObjectId(id)),
  bytes(16).map((id) => new UUID(id)),
  fc.tuple(fc.uint8Array({ maxLength: 3 }), fc.constantFrom(0, 5)).map(([data, type]) => new Binary(data, type)),
  fc.date({ noInvalidDate: true }),
  fc.tuple(fc.nat(), fc.nat()).map(([t, i]) => new Timestamp({ t, i })),
)
const field = fc.constantFrom('a', 'b', 'ab')
const value = fc.oneof(
  { weight: 5, arbitrary: scalar },
  fc.dictionary(field, fc.oneof(scalar, fc.dictionary(field, scalar), fc.array(scalar, { maxLength: 2 })), { maxKeys: 3 }),
)

test('keys rise as the server orders _ids of any types', { timeout: 60_000 }, async () => {
  await using place = await testDatabase(inject('mongoUri'))
  const ids = place.db.collection<{ _id: unknown }>('ids')
  const values = fc.sample(value, { numRuns: 3000, seed: 7 })
  // Equal ones, of whatever type, are refused by the unique index: the rest is what counts.
  await ids
    .insertMany(
      values.map((_id) => ({ _id })),
      { ordered: false },
    )
    .catch(() => undefined)
  const sorted = await ids
    .find({}, { sort: { _id: 1 } })
    .map(({ _id }) => _id)
    .toArray()
  expect(sorted.length).toBeGreaterThan(2000)
  const keys = sorted.map(orderedKey)
  const wrong = keys.findIndex((key, index) => index > 0 && key <= keys[index - 1]!)
  expect(wrong === -1 ? null : [sorted[wrong - 1], sorted[wrong]]).toBeNull()
})
