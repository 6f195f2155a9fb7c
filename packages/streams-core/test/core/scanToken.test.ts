import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { BSON, Decimal128, Long, MaxKey, MinKey, ObjectId, Timestamp, UUID } from 'mongodb'
import { expect, test } from 'vitest'
import { beginBackfill, behindDocument, behindDocuments } from '../../src/core/backfill.js'
import { decodeToken } from '../../src/core/decodeToken.js'
import { orderedKey } from '../../src/core/orderedKey.js'
import { scanToken } from '../../src/core/scanToken.js'

const recorded = JSON.parse(readFileSync(new URL('recordedTokens.json', import.meta.url), 'utf8')) as Record<
  string,
  { data: string }
>
const origins = Object.values(recorded).map(({ data }) => data)
const clusterTime = { t: 1, i: 1 }
const begun = (token: string) => beginBackfill({ token, clusterTime, by: 'own' }, 'start', new Date(0))
const behind = (id: unknown, origin = origins[0]!) => behindDocument(begun(origin), id, clusterTime, true).token
const idOf = (token: string) => BSON.EJSON.parse(JSON.stringify(scanToken(token)!.last), { relaxed: false })['_id'] as unknown

test.each<unknown>([
  new ObjectId('0123456789abcdef01234567'),
  new UUID('01234567-89ab-4cde-8f01-23456789abcd'),
  'a',
  'a\0b',
  '',
  '票',
  0,
  -1.5,
  0.1,
  100,
  5e-324,
  -1.7976931348623157e308,
  Number.POSITIVE_INFINITY,
  Number.NEGATIVE_INFINITY,
  Number.NaN,
  Long.fromString('9007199254740993'),
  Long.MAX_VALUE,
  Long.MIN_VALUE,
  Decimal128.fromString('1E+6000'),
  Decimal128.fromString('-12E-6000'),
  true,
  false,
  null,
  new Date('2026-11-21T00:00:00.123Z'),
  new Timestamp({ t: 7, i: 8 }),
  new MinKey(),
  new MaxKey(),
  { evento: 'a', lugar: { fila: 1, asiento: [2, 'b'] } },
  [],
  {},
])('the token behind the document %o says which one', (id) => {
  const token = behind(id)
  expect(scanToken(token)?.origin).toBe(origins[0])
  // Equal values have the same text.
  expect(orderedKey(idOf(token))).toBe(orderedKey(id))
})

test('the same of whatever document, behind each recorded token', () => {
  const scalar = fc.oneof(
    fc.string(),
    fc.double(),
    fc.integer(),
    fc.boolean(),
    fc.constant(null),
    fc.date({ noInvalidDate: true }),
  )
  const id = fc.oneof(
    scalar,
    fc.dictionary(
      fc.string({ minLength: 1 }).filter((name) => !/[\0$]|^__proto__$/.test(name)),
      scalar,
    ),
    fc.array(scalar),
  )
  fc.assert(
    fc.property(id, fc.constantFrom(...origins), (value, origin) => {
      const token = behind(value, origin)
      expect(scanToken(token)?.origin).toBe(origin)
      expect(orderedKey(idOf(token))).toBe(orderedKey(value))
    }),
  )
})

test('behind all documents there is no last one', () => {
  const { token } = behindDocuments(begun(origins[0]!), clusterTime)
  expect(scanToken(token)).toEqual({ origin: origins[0], last: null })
})

test('whoever takes it for a change’s token is told what it is; a token with something else behind it stays malformed', () => {
  expect(() => decodeToken(behind('a'))).toThrow('it is a position among existing documents, of a backfill')
  const cut = behind('abc').slice(0, -6)
  expect(scanToken(cut)).toBeNull()
  expect(() => decodeToken(cut)).toThrow('something follows its end')
  for (const none of [...origins, '', '82', 'nonsense', `${origins[0]}0A`, `${behind('a')}00`]) expect(scanToken(none)).toBeNull()
})
