import { expect, test } from 'vitest'
import { failureClass } from '../../src/core/failureClass.js'
import { DeadLetterError, StreamError, defineStream } from '../../src/index.js'

const error = (fields: object) => Object.assign(new Error('x'), fields)

test('the table: what nobody knows may pass, what the server says of the document is poison, what concerns every change is fatal', () => {
  const table = [
    [new Error('x'), 'transient'],
    ['no Error at all', 'transient'],
    [error({ code: 11000 }), 'transient'],
    [error({ name: 'TimeoutError' }), 'transient'],
    [new DeadLetterError('no such event'), 'poison'],
    // Of another copy of the package.
    [error({ name: 'DeadLetterError' }), 'poison'],
    [error({ code: 121 }), 'poison'],
    [error({ code: 10334 }), 'poison'],
    [error({ code: 17419 }), 'poison'],
    [error({ code: 13 }), 'fatal'],
    [error({ code: 18 }), 'fatal'],
    [error({ code: 40573 }), 'fatal'],
    [new StreamError('INVALID_OPTIONS', 'x'), 'fatal'],
  ] as const
  for (const [of, expected] of table) expect([of, failureClass(of, null)]).toEqual([of, expected])
})

test('a stream’s own function has the first word; where it has none, throws, or says something else, the table has it', () => {
  const poison = error({ code: 121 })
  expect(failureClass(poison, () => 'transient')).toBe('transient')
  expect(failureClass(new DeadLetterError('x'), () => 'fatal')).toBe('fatal')
  expect(failureClass(poison, () => undefined)).toBe('poison')
  expect(failureClass(poison, () => 'nonsense' as never)).toBe('poison')
  expect(
    failureClass(poison, () => {
      throw new Error('made for other errors')
    }),
  ).toBe('poison')
})

test('a stream’s own table has names and codes of errors, the code before the name', () => {
  const { classify } = defineStream({
    name: 's',
    handle: () => undefined,
    classify: { ValidationError: 'poison', ECONNREFUSED: 'transient', 11000: 'poison', ConfigError: 'fatal' },
  })
  const of = (failed: unknown) => failureClass(failed, classify)
  expect(of(error({ name: 'ValidationError' }))).toBe('poison')
  expect(of(error({ name: 'ValidationError', code: 'ECONNREFUSED' }))).toBe('transient')
  expect(of(error({ code: 11000 }))).toBe('poison')
  expect(of(error({ name: 'ConfigError' }))).toBe('fatal')
  expect(of(error({ name: 'constructor' }))).toBe('transient')
  expect(of(null)).toBe('transient')
})
