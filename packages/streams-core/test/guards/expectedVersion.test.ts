import { expect, test } from 'vitest'
import { type ExpectedVersionOptions, expectedVersion, isVersionTooEarly } from '../../src/guards/index.js'

const refused = (message: RegExp) => expect.objectContaining({ code: 'INVALID_OPTIONS', message: expect.stringMatching(message) })
const next = { target: 'replica', key: { _id: 1 }, version: 3 }

test('a version is an upsert by its key whose pipeline decides; repeats are told by the key alone', () => {
  const write = expectedVersion({ ...next, update: { $set: { estado: '$A' }, $inc: { saldo: 2 }, $unset: { viejo: '' } } })
  expect(write).toMatchObject({
    target: 'replica',
    updateOne: { filter: { _id: 1 }, upsert: true },
    guard: { kind: 'expectedVersion', filter: { _id: 1 } },
  })
  const stages = 'updateOne' in write ? write.updateOne.update : []
  expect(stages.slice(1, -1)).toEqual([
    { $set: { estado: { $literal: '$A' } } },
    { $set: { saldo: { $add: [{ $ifNull: ['$saldo', 0] }, 2] } } },
    { $unset: ['viejo'] },
    { $set: { version: 3 } },
  ])
})

test.each<[string, object, RegExp]>([
  ['neither update nor document', { update: undefined }, /update is undefined/],
  ['both', { document: {} }, /not both/],
  ['an undefined version', { version: undefined }, /version is undefined/],
  ['a version before the first', { version: 0 }, /whole number from 1 on/],
  ['half a version', { version: 1.5 }, /whole number from 1 on/],
  ['a version that is a text', { version: '3' }, /whole number from 1 on/],
  ['an empty key', { key: {} }, /no other key/],
  ['a key that is an operator', { key: { _id: { $gt: 1 } } }, /key\._id must be one value/],
  ['a dotted key', { key: { 'a.b': 1 } }, /"a\.b" cannot be a field of an upsert/],
  ['an update of the version', { update: { $set: { version: 3 } } }, /writes "version", which the guard sets/],
  ['a stage on the version', { update: [{ $unset: 'version' }] }, /writes "version"/],
  ['an operator that a pipeline does not have', { update: { $push: { a: 1 } } }, /\$push cannot be used here/],
  ['an index of an array', { update: { $set: { 'boletos.0': 1 } } }, /"boletos\.0" has an array's index/],
  ['a stage that replaces the document', { update: [{ $replaceWith: {} }] }, /got \$replaceWith/],
  ['a document of another version', { update: undefined, document: { version: 4 } }, /another state/],
  ['a document of another key', { update: undefined, document: { _id: 2 } }, /key\._id is not the document's/],
  ['undefined in the document', { update: undefined, document: { a: undefined } }, /document\.a is undefined/],
  ['a field that is no path', { field: '$a' }, /"\$a" cannot be the version's field/],
])('%s is refused', (_, options, message) => {
  const given = { ...next, update: { $set: { a: 1 } }, ...options } as unknown as ExpectedVersionOptions
  expect(() => expectedVersion(given)).toThrow(refused(message))
})

test('other errors are not taken for a version that came too early', () => {
  expect(isVersionTooEarly(new Error('came too early'))).toBe(false)
  expect(isVersionTooEarly(Object.assign(new Error('another conversion'), { code: 241 }))).toBe(false)
  expect(isVersionTooEarly(undefined)).toBe(false)
})
