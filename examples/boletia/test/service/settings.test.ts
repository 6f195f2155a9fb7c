import { isStreamError } from '@boletia/streams-core'
import { expect, test } from 'vitest'
import { readSettings } from '../../src/service/settings.js'

const uri = 'mongodb://127.0.0.1:27017/?replicaSet=rs0'
const refusal = (env: Record<string, string>): unknown => {
  try {
    return readSettings('eventos', 8070, env)
  } catch (error) {
    return isStreamError(error) ? [error.exit, error.code, error.message] : error
  }
}

test('HOST, PORT and LOG_LEVEL have defaults; an empty variable counts as none', () => {
  const defaults = { uri, host: '127.0.0.1', port: 8070, logLevel: 'info' }
  expect(readSettings('eventos', 8070, { MONGODB_URI: uri })).toEqual(defaults)
  expect(readSettings('eventos', 8070, { MONGODB_URI: uri, HOST: '', PORT: '', LOG_LEVEL: '' })).toEqual(defaults)
  expect(readSettings('eventos', 8070, { MONGODB_URI: uri, HOST: '::1', PORT: '0', LOG_LEVEL: 'silent' })).toEqual({
    uri,
    host: '::1',
    port: 0,
    logLevel: 'silent',
  })
})

test('without MONGODB_URI the message says what to type', () => {
  const message = expect.stringContaining("MONGODB_URI='mongodb://127.0.0.1:27017/boletia?replicaSet=rs0' npm run eventos")
  expect(refusal({})).toEqual([2, 'NO_URI', message])
  expect(refusal({ MONGODB_URI: '' })).toEqual([2, 'NO_URI', message])
})

test('a wrong PORT or LOG_LEVEL is refused with the value and what is accepted', () => {
  for (const PORT of ['http', '-1', '65536', '80.5', ' 80', '0x50', '1e3']) {
    expect(refusal({ MONGODB_URI: uri, PORT })).toEqual([
      2,
      'INVALID_OPTIONS',
      expect.stringContaining(`PORT is "${PORT}": give a number from 0`),
    ])
  }
  const message = 'LOG_LEVEL is "loud": give one of trace, debug, info, warn, error, fatal, silent'
  expect(refusal({ MONGODB_URI: uri, LOG_LEVEL: 'loud' })).toEqual([2, 'INVALID_OPTIONS', message])
})
