import fc from 'fast-check'
import { Decimal128, Double, Int32, Long, ObjectId, UUID } from 'mongodb'
import { expect, test } from 'vitest'
import { laneKey, laneOf } from '../../src/core/laneKey.js'
import { keyText } from '../../src/mongo/documentIds.js'

const text = (key: unknown) => laneKey(key, keyText)
const lane = (key: unknown) => laneOf(key, keyText)
const objectIds = fc.stringMatching(/^[0-9a-f]{24}$/)
const scalars = fc.oneof(fc.string(), fc.integer(), fc.double({ noNaN: true }), fc.boolean(), fc.date({ noInvalidDate: true }))
const keys = fc.oneof(scalars, fc.dictionary(fc.stringMatching(/^[a-z]{1,3}$/), scalars, { maxKeys: 3 }))

test('equal keys of one type give the same text, whatever objects they are', () => {
  fc.assert(
    fc.property(keys, (key) => {
      expect(text(key)).toBe(text(structuredClone(key)))
    }),
  )
  fc.assert(
    fc.property(objectIds, (hex) => {
      expect(text(new ObjectId(hex))).toBe(text(new ObjectId(hex)))
      expect(text({ id: new ObjectId(hex) })).toBe(text({ id: new ObjectId(hex) }))
    }),
  )
  const uuid = '0e02b2c3-d479-4a67-8cc1-0b1b3d1e5a10'
  expect(text(new UUID(uuid))).toBe(text(new UUID(uuid)))
  // The server counts them as the same number: one document, one lane.
  expect(text(Long.fromNumber(7))).toBe(text(7))
})

test('different keys give different texts: a string is never an ObjectId, a number or what stands for another type', () => {
  fc.assert(
    fc.property(keys, keys, (one, other) => {
      fc.pre(!sameKey(one, other))
      expect(text(one)).not.toBe(text(other))
    }),
  )
  fc.assert(
    fc.property(objectIds, (hex) => {
      const looksAlike = [hex, `o${hex}`, `s${hex}`, text(hex), text(new ObjectId(hex)), keyText(new ObjectId(hex)), { id: hex }]
      for (const other of looksAlike) expect(text(other)).not.toBe(text(new ObjectId(hex)))
    }),
  )
  fc.assert(
    fc.property(scalars, (key) => {
      for (const other of [keyText(key), text(key), String(key)]) if (other !== key) expect(text(other)).not.toBe(text(key))
    }),
  )
  for (const [one, other] of [
    ['7', 7],
    ['null', null],
    ['true', true],
    ['', null],
    [new Date(0), new Date(0).toISOString()],
  ])
    expect(text(one)).not.toBe(text(other))
})

/** The server does not tell 0 from -0. */
const sameKey = (one: unknown, other: unknown) =>
  one === other || JSON.stringify([typeof one, one]) === JSON.stringify([typeof other, other])

test('an unknown key is a barrier, and only undefined is unknown', () => {
  expect(text(undefined)).toBeNull()
  for (const known of [null, '', 0, false, {}]) expect(text(known)).not.toBeNull()
})

test('equal keys are in one lane, whatever objects and types of number they are', () => {
  fc.assert(
    fc.property(keys, (key) => {
      expect(lane(key)).toBe(lane(structuredClone(key)))
    }),
  )
  fc.assert(
    fc.property(objectIds, (hex) => {
      expect(lane(new ObjectId(hex))).toBe(lane(new ObjectId(hex)))
      expect(lane({ id: new ObjectId(hex) })).toBe(lane({ id: new ObjectId(hex) }))
    }),
  )
  for (const seven of [Long.fromNumber(7), new Int32(7), new Double(7), Decimal128.fromString('7'), 7n])
    expect(lane(seven)).toBe(7)
  expect(lane(undefined)).toBeNull()
  for (const known of [null, '', 0, false, {}]) expect(lane(known)).not.toBeNull()
})

test('ObjectIds that are made one after the other, by one process or by several, are in lanes of their own', () => {
  const ids = Array.from({ length: 10_000 }, () => new ObjectId())
  expect(new Set(ids.map(lane)).size).toBe(10_000)
})
