import { Int32 } from 'mongodb'
import { expect, test } from 'vitest'
import { classify, mayOpenByTime } from '../../src/core/errorClass.js'
import { isInfrastructure } from '../../src/core/infrastructure.js'
import { errorCodes } from '../../src/errorCodes.js'

const numbered = (code: number, extra: object = {}) => Object.assign(new Error('text that changes'), { code, ...extra })

test('errors are sorted by their number, and each fatal one has a code with an exit', () => {
  const fatal = {
    HISTORY_LOST: [286],
    TOKEN_UNUSABLE: [260, 280, 464, 50810, 50811, 40647],
    UNAUTHORISED: [13, 18],
    NOT_A_REPLICA_SET: [40573],
    IMAGE_MISSING: [47],
    SERVER_REFUSED: [2, 9, 20, 72, 73, 166, 168, 31325, 40324],
  } as const
  for (const [code, numbers] of Object.entries(fatal)) {
    for (const number of numbers) expect(classify(numbered(number))).toEqual({ kind: 'fatal', code })
    expect(errorCodes[code as keyof typeof fatal].exit).toBeGreaterThan(1)
  }
})

test('everything else may pass: network, step-down, killed cursors, the unknown', () => {
  for (const error of [numbered(43), numbered(10107), numbered(237), new Error('unknown'), null, 'text'])
    expect(classify(error)).toEqual({ kind: 'transient' })
})

test('only 280 and 50810 are worth opening the same place by its time', () => {
  expect([280, 50810, 286, 260].filter((number) => mayOpenByTime(numbered(number)))).toEqual([280, 50810])
})

test('the way to the server is at fault when a label, a state change or a network error says so; never for a refused write', () => {
  expect(isInfrastructure(numbered(1, { errorLabels: ['TransientTransactionError'] }))).toBe(true)
  expect(isInfrastructure(numbered(10107))).toBe(true)
  expect(isInfrastructure(Object.assign(new Error('x'), { name: 'MongoNetworkError' }))).toBe(true)
  for (const name of ['PoolClearedOnNetworkError', 'MongoWaitQueueTimeoutError'])
    expect(isInfrastructure(Object.assign(new Error('x'), { name }))).toBe(true)
  for (const label of ['PoolRequestedRetry', 'SystemOverloadedError'])
    expect(isInfrastructure(numbered(462, { errorLabels: [label] }))).toBe(true)
  const wrapped = Object.assign(new Error('x'), {
    name: 'MongoBulkWriteError',
    errorResponse: Object.assign(new Error('x'), { name: 'MongoNetworkError' }),
  })
  expect(isInfrastructure(wrapped)).toBe(true)
  for (const error of [numbered(11000), numbered(121), new Error('x'), null]) expect(isInfrastructure(error)).toBe(false)
})

test('the number is found where a client decodes it as an Int32', () => {
  expect(classify(Object.assign(new Error('x'), { code: new Int32(286) }))).toEqual({ kind: 'fatal', code: 'HISTORY_LOST' })
})

test('the number is found where the driver hides it behind advice', () => {
  expect(classify(Object.assign(new Error('no retryable writes'), { originalError: numbered(20) }))).toEqual({
    kind: 'fatal',
    code: 'SERVER_REFUSED',
  })
})
