import { expect, test } from 'vitest'
import { SilentServerError } from '../../src/mongo/watchdog.js'
import { savedError, stoppedBy } from '../../src/runtime/faults.js'
import { StreamError } from '../../src/streamError.js'

const details = { stream: 's', token: '82AB' }

test.each(['HANDLER_FAILED', 'PARK_FAILED'] as const)(
  'of a stop by %s operators find the change and the error’s name',
  (code) => {
    const fault = new StreamError(code, 'no mail to ana@example.com', { cause: new TypeError('ana@example.com'), details })
    const saved = savedError(fault, 5)
    expect(saved).toEqual({ code, name: 'TypeError', at: new Date(5), token: '82AB' })
    expect(JSON.stringify(saved), 'a message may hold personal data').not.toContain('ana')
  },
)

test('the token of a stop that no change caused is not taken for one that blocks', () => {
  const fault = new StreamError('TOKEN_UNUSABLE', 'foreign', { details })
  expect(savedError(fault, 5)).toEqual({ code: 'TOKEN_UNUSABLE', name: 'StreamError', at: new Date(5), token: null })
})

test('UNREACHABLE says what was waited for: a majority that lags is no wrong URI', () => {
  const lagging = new SilentServerError('a majority does not have the checkpoint in time')
  expect(stoppedBy(lagging, 's')).toMatchObject({
    code: 'UNREACHABLE',
    message: expect.stringMatching(/a majority does not have the checkpoint in time; see with rs\.status\(\)/) as string,
    cause: lagging,
  })
  const refused = Object.assign(new Error('connect ECONNREFUSED'), { name: 'MongoServerSelectionError' })
  expect(stoppedBy(refused, 's').message).toContain('MongoDB does not answer; check the URI')
})
