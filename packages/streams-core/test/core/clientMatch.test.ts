import { ObjectId } from 'mongodb'
import { expect, test } from 'vitest'
import { clientMatch } from '../../src/core/clientMatch.js'

test('anything but $match by equality to a string, boolean or ObjectId, $in, $exists, $and and $or is left to the server', () => {
  const refused = [
    { n: 1 },
    { n: null },
    { n: /a/ },
    { n: { $in: ['a', null] } },
    { n: { $in: [/a/] } },
    { n: { $exists: 1 } },
    { n: { $ne: 'a' } },
    { n: { $not: { $eq: 'a' } } },
    { n: { a: 'b' } },
    { n: {} },
    { n: ['a'] },
    { 'a..b': 'x' },
    { 'a.$id': 'x' },
    { $expr: { $eq: ['$a', 'x'] } },
    { $nor: [{ a: 'x' }] },
    { $or: [] },
    { $or: [{ a: 'x' }, { b: { $gt: 'x' } }] },
  ]
  const accepted = refused.filter((query) => clientMatch([{ $match: query }]) !== null)
  expect(accepted).toEqual([])
  expect(clientMatch([{ $match: {} }, { $project: { a: 1 } }])).toBeNull()
})

test('an array on the way, or at its end, is left to the server, unless another condition decides', () => {
  const match = clientMatch([{ $match: { operationType: 'insert', 'fullDocument.tags': 'x' } }])!
  expect(match({ operationType: 'insert', fullDocument: { tags: ['x'] } })).toBeNull()
  expect(match({ operationType: 'insert', fullDocument: [{ tags: 'x' }] })).toBeNull()
  expect(match({ operationType: 'delete', fullDocument: { tags: ['x'] } })).toBe(false)
  const either = clientMatch([{ $match: { $or: [{ operationType: 'insert' }, { 'fullDocument.tags': 'x' }] } }])!
  expect(either({ operationType: 'insert', fullDocument: { tags: ['x'] } })).toBe(true)
  expect(either({ operationType: 'update', fullDocument: { tags: ['x'] } })).toBeNull()
})

test('an empty pipeline matches everything; inherited properties are no fields; ids are equal by value', () => {
  expect(clientMatch([])!({})).toBe(true)
  expect(clientMatch([{ $match: { 'a.constructor': { $exists: true } } }])!({ a: {} })).toBe(false)
  const id = new ObjectId()
  expect(clientMatch([{ $match: { a: id } }])!({ a: new ObjectId(id.toHexString()) })).toBe(true)
  expect(clientMatch([{ $match: { a: id } }])!({ a: id.toHexString() })).toBe(false)
  expect(clientMatch([{ $match: { a: id.toHexString() } }])!({ a: id })).toBe(false)
})
