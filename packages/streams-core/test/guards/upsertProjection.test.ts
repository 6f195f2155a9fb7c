import { Timestamp } from 'mongodb'
import { expect, test } from 'vitest'
import { type UpsertProjectionOptions, alive, ledgerExpiry, tombstoneExpiry, upsertProjection } from '../../src/guards/index.js'

const refused = (message: RegExp) => expect.objectContaining({ code: 'INVALID_OPTIONS', message: expect.stringMatching(message) })
const context = { stream: 's', token: '8265', clusterTime: new Timestamp({ t: 1_700_000_000, i: 1 }) }

test('the key is the document’s _id unless one is given; it alone is the filter', () => {
  expect(upsertProjection(context, { target: 't', document: { _id: 1, a: 2 } })).toMatchObject({
    updateOne: { filter: { _id: 1 }, upsert: true },
    guard: { kind: 'upsertProjection', filter: { _id: 1 } },
  })
  expect(upsertProjection(context, { target: 't', key: { nombre: 'x' }, document: { _id: 1 } }).guard?.filter).toEqual({
    nombre: 'x',
  })
})

test('the same change makes the same tombstone, with the time of the delete', () => {
  const write = () => upsertProjection(context, { target: 't', key: { _id: 1 }, document: null })
  expect(write()).toEqual(write())
  expect(JSON.stringify(write())).toContain('"$literal":{"tombstone":"2023-11-14T22:13:20.000Z","_id":1}')
})

test('readers leave tombstones out beside whatever they ask for', () => {
  expect(alive()).toEqual({ $and: [{}, { tombstone: null }] })
  expect(alive({ $or: [{ a: 1 }] })).toEqual({ $and: [{ $or: [{ a: 1 }] }, { tombstone: null }] })
})

test.each<[string, object, RegExp]>([
  ['a delete without a key', { document: null }, /no other key/],
  ['a document without _id and key', { document: { a: 1 } }, /no other key/],
  ['a null key', { key: { nombre: null }, document: {} }, /key\.nombre must be one value/],
  ['a key that is not the document’s', { key: { nombre: 'a' }, document: { nombre: 'b' } }, /is not the document's "nombre"/],
  ['undefined instead of null', { key: { _id: 1 }, document: undefined }, /document is undefined/],
  ['a document with the guard’s field', { document: { _id: 1, tokens: {} } }, /"tokens" is where the guard keeps/],
  ['a document with the guard’s own field', { field: 'token', document: { _id: 1, token: '' } }, /"token" is where the guard/],
  ['a document with a tombstone', { document: { _id: 1, tombstone: 1 } }, /"tombstone" marks deleted documents/],
  ['a guard’s field on the tombstone', { field: 'tombstone.s', document: { _id: 1 } }, /"tombstone" marks/],
  ['a dotted field', { document: { _id: 1, 'a.b': 1 } }, /"a\.b" cannot be a field/],
  ['a dotted kept field', { keep: ['a.b'], document: { _id: 1 } }, /"a\.b" cannot be a field/],
])('%s is refused', (_, options, message) => {
  expect(() => upsertProjection(context, { target: 't', ...options } as unknown as UpsertProjectionOptions)).toThrow(
    refused(message),
  )
})

test('expiries are indexes in whole seconds', () => {
  expect(ledgerExpiry(86_400_000)).toEqual({ key: { at: 1 }, expireAfterSeconds: 86_400 })
  expect(tombstoneExpiry(1000)).toEqual({ key: { tombstone: 1 }, expireAfterSeconds: 1 })
  for (const wrong of [0, 1500, -1000, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 31 * 1000])
    expect(() => ledgerExpiry(wrong)).toThrow(refused(/ledgerExpiry: keepMs must be whole seconds/))
})
