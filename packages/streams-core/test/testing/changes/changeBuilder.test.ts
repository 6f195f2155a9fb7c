import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { BSON, type Document, ObjectId, UUID } from 'mongodb'
import { describe, expect, test } from 'vitest'
import { decodeToken } from '../../../src/core/decodeToken.js'
import { compareTokens } from '../../../src/core/position.js'
import { eventToken, highWaterToken } from '../../../src/testing/changes/madeToken.js'
import { changeBuilder } from '../../../src/testing/index.js'

interface Recorded {
  readonly data: string
  readonly typeBits?: string
  readonly documentKey?: object
  readonly operationType?: string
  readonly clusterTime: { readonly t: number; readonly i: number }
}

const file = new URL('../../core/recordedTokens.json', import.meta.url)
const recorded = JSON.parse(readFileSync(file, 'utf8')) as Record<string, Recorded>
const uuid = 'f0fbbdfee90a44dca400af9d7ef82577'

describe('a made token is, byte for byte, the one that a server 6.0 made', () => {
  // What a token of ours holds: no numbers whose type is kept beside the token, no nested arrays, none of the next version.
  const names = Object.entries(recorded)
    .filter(([name, token]) => token.documentKey !== undefined && token.typeBits === undefined && !name.endsWith('V2'))
    .map(([name]) => name)

  test.each(names)('for a document key: %s', (name) => {
    const { data, documentKey, clusterTime } = recorded[name]!
    const txnOpIndex = name.startsWith('txn') ? Number(name.slice(3)) : 0
    expect(eventToken({ clusterTime, uuid, txnOpIndex, documentKey: BSON.EJSON.deserialize(documentKey!) })).toBe(data)
  })

  test('for a position between changes, a drop, and the invalidate after it', () => {
    const { highWater, drop, invalidate } = recorded as Record<'highWater' | 'drop' | 'invalidate', Recorded>
    expect(highWaterToken(highWater.clusterTime)).toBe(highWater.data)
    expect(eventToken({ clusterTime: drop.clusterTime, uuid })).toBe(drop.data)
    expect(eventToken({ clusterTime: drop.clusterTime, uuid, fromInvalidate: true })).toBe(invalidate.data)
  })
})

const id = fc.oneof(
  fc.constant(0).map(() => new ObjectId()),
  fc.string(),
  fc.maxSafeInteger().filter((value) => !Object.is(value, -0)),
  fc.boolean(),
  fc.date({ noInvalidDate: true }),
  fc.constant(0).map(() => new UUID()),
  fc.record({ a: fc.string(), b: fc.nat() }),
)

test('tokens rise in the order of making, decode, and say what the change says', () => {
  fc.assert(
    fc.property(fc.array(id, { maxLength: 20 }), (ids) => {
      const change = changeBuilder({ collection: 'reservas' })
      const made = ids.flatMap((_id) => [
        change.insert({ _id }),
        change.of('eventos').replace({ _id }, { _id, n: 1 }),
        ...change.transaction(() => [change.update({ _id }, { n: 1 }), change.delete({ _id })]),
      ])
      const tokens = made.map(({ _id }) => (_id as { _data: string })._data)
      expect(tokens).toEqual([...tokens].sort(compareTokens))
      expect(new Set(tokens).size).toBe(tokens.length)
      for (const [index, { documentKey, clusterTime }] of made.entries()) {
        const decoded = decodeToken(tokens[index]!)
        expect(decoded.clusterTime).toEqual({ t: clusterTime.high, i: clusterTime.low })
        expect(BSON.EJSON.deserialize(decoded.documentKey as Document)).toEqual(documentKey)
        expect(decoded.txnOpIndex).toBe(index % 4 === 3 ? 1 : 0)
      }
    }),
  )
})

interface Reserva {
  readonly _id: string
  readonly estado: string
  readonly lines?: readonly { readonly n: number }[]
  readonly note?: string
}
const reserva: Reserva = { _id: 'a', estado: 'A', lines: [{ n: 1 }, { n: 2 }], note: 'x' }

test('an update has the document as it left it, paths and removed fields included; the one before stays as it was', () => {
  const change = changeBuilder<Reserva>({ database: 'boletia', collection: 'reservas' })
  const made = change.update(reserva, { estado: 'X', 'lines.1.n': 5 }, { unset: ['note'], before: true })
  expect(made).toMatchObject({
    operationType: 'update',
    ns: { db: 'boletia', coll: 'reservas' },
    documentKey: { _id: 'a' },
    updateDescription: { updatedFields: { estado: 'X', 'lines.1.n': 5 }, removedFields: ['note'] },
  })
  expect(made.fullDocument).toEqual({ _id: 'a', estado: 'X', lines: [{ n: 1 }, { n: 5 }] })
  expect(made.fullDocumentBeforeChange).toBe(reserva)
  expect(reserva.lines).toEqual([{ n: 1 }, { n: 2 }])
})

test('what updateLookup found can be a later state, nothing, or not asked for', () => {
  const change = changeBuilder<Reserva>()
  expect(change.update(reserva, { estado: 'X' }, { fullDocument: { ...reserva, estado: 'C' } }).fullDocument?.estado).toBe('C')
  expect(change.update(reserva, { estado: 'X' }, { fullDocument: null }).fullDocument).toBeNull()
  expect('fullDocument' in change.update(reserva, { estado: 'X' }, { fullDocument: undefined })).toBe(false)
})

test.each([
  ['no _id', {}, /needs a document with an _id/],
  ['a fraction', { _id: 1.5 }, /_id of a made change must be/],
  ['an array', { _id: [1] }, /_id of a made change must be/],
])('%s is refused, because no token could say it', (_, document, message) => {
  expect(() => changeBuilder().insert(document)).toThrow(message)
})
