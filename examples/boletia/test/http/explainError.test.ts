import {
  MongoAPIError,
  MongoClientClosedError,
  MongoInvalidArgumentError,
  MongoNetworkError,
  MongoServerError,
  MongoServerSelectionError,
} from 'mongodb'
import { expect, test } from 'vitest'
import { explainError } from '../../src/http/explainError.js'

test('a MongoDB that is away is UNAVAILABLE, by class, code and label', () => {
  const overloaded = new MongoServerError({ message: 'x', errorLabels: ['SystemOverloadedError'] })
  const away = [
    new MongoNetworkError('x'),
    new MongoServerSelectionError('x', {} as never),
    new MongoClientClosedError(),
    new MongoServerError({ message: 'x', code: 10_107 }),
    new MongoServerError({ message: 'x', code: 64 }),
    overloaded,
  ]
  expect(away.map((error) => explainError(error).code)).toEqual(away.map(() => 'UNAVAILABLE'))
})

test('a mistake of the service is INTERNAL, and its text is not repeated', () => {
  const faults = [
    new Error('ana@example.com'),
    new TypeError('ana@example.com'),
    new MongoAPIError('ana@example.com'),
    new MongoInvalidArgumentError('ana@example.com'),
    new MongoServerError({ message: 'ana@example.com', code: 121 }),
    Object.assign(new Error('ana@example.com'), { statusCode: 500 }),
    'ana@example.com',
    undefined,
    null,
  ]
  for (const fault of faults) {
    expect(explainError(fault)).toEqual({
      code: 'INTERNAL',
      message: 'the service met a fault of its own; its log has the details',
    })
  }
})

test('any other refusal of the HTTP layer is bad input', () => {
  expect(explainError(Object.assign(new Error('x'), { statusCode: 417, code: 'FST_ERR_UNKNOWN' })).code).toBe('INVALID_INPUT')
})
