import { ObjectId } from 'mongodb'
import { expect, test } from 'vitest'
import { insertOnce } from '../../src/guards/index.js'

const refused = (message: RegExp) => expect.objectContaining({ code: 'INVALID_OPTIONS', message: expect.stringMatching(message) })

test('an insert is an upsert by _id that sets on insert only', () => {
  const document = { _id: 1, nombre: 'a' }
  expect(insertOnce({ target: 't', document })).toEqual({
    target: 't',
    updateOne: { filter: { _id: 1 }, update: { $setOnInsert: document }, upsert: true },
    guard: { kind: 'insertOnce', filter: { _id: 1 } },
  })
})

test('a key of the caller replaces _id', () => {
  const write = insertOnce({ target: 't', key: { nombre: 'a' }, document: { _id: 1, nombre: 'a' } })
  expect(write.guard?.filter).toEqual({ nombre: 'a' })
})

test('equal values that are different objects make the same key', () => {
  const id = new ObjectId()
  expect(() => insertOnce({ target: 't', key: { _id: new ObjectId(id.toHexString()) }, document: { _id: id } })).not.toThrow()
  expect(() => insertOnce({ target: 't', key: { _id: { a: 1, b: id } }, document: { _id: { a: 1, b: id } } })).not.toThrow()
})

test.each([
  ['no _id', {}, { nombre: 'a' }, /has no _id and no other key/],
  ['a key field that the document lacks', { key: { nombre: 'a' } }, { _id: 1 }, /has no field "nombre"/],
  [
    'a key value that is not the document’s',
    { key: { nombre: 'a' } },
    { nombre: 'b' },
    /key\.nombre is not the document's "nombre"/,
  ],
  ['a null key', { key: { nombre: null } }, { nombre: null }, /key\.nombre must be one value/],
  ['a list as key', { key: { nombre: ['a'] } }, { nombre: ['a'] }, /key\.nombre must be one value/],
  ['a pattern as key', { key: { nombre: /a/ } }, { nombre: /a/ }, /key\.nombre must be one value/],
  ['an operator as key', { key: { nombre: { $gt: 'a' } } }, { nombre: { $gt: 'a' } }, /key\.nombre must be one value/],
  ['undefined in the document', {}, { _id: 1, a: { b: undefined } }, /document\.a\.b is undefined/],
  ['an undefined _id', {}, { _id: undefined }, /key\._id, document\._id are undefined/],
  ['a dotted field', {}, { _id: 1, 'a.b': 1 }, /"a\.b" cannot be a field of an upsert/],
  ['a field with a dollar', {}, { _id: 1, $a: 1 }, /"\$a" cannot be a field/],
])('%s is refused', (_, options, document, message) => {
  expect(() => insertOnce({ target: 't', document, ...options })).toThrow(refused(message))
})
