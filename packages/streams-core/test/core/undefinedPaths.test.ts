import { Decimal128, Long, ObjectId, Timestamp } from 'mongodb'
import { expect, test } from 'vitest'
import { undefinedPaths } from '../../src/core/undefinedPaths.js'

test('undefined, functions and symbols are found at any depth, by path', () => {
  const filter = {
    evento: undefined,
    $or: [{ a: 1 }, { b: { $in: [1, undefined] } }],
    reserva: { email: () => 'x' },
    s: Symbol('s'),
  }
  expect(undefinedPaths(filter, 'filter')).toEqual(['filter.evento', 'filter.$or.1.b.$in.1', 'filter.reserva.email', 'filter.s'])
  expect(undefinedPaths(undefined, 'filter')).toEqual(['filter'])
  expect(undefinedPaths(new Map([['a', { b: undefined }]]), 'update')).toEqual(['update.a.b'])
})

test('null, empty documents and values of the driver are no holes', () => {
  const document = {
    _id: new ObjectId(),
    nothing: null,
    empty: {},
    list: [],
    at: new Date(0),
    bytes: Buffer.from('x'),
    pattern: /x/,
    long: Long.fromNumber(1),
    decimal: Decimal128.fromString('1.5'),
    time: new Timestamp({ t: 1, i: 1 }),
    zero: 0,
    no: false,
    text: '',
  }
  expect(undefinedPaths(document, 'document')).toEqual([])
})
