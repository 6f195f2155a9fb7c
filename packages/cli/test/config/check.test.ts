import { defineStream } from '@boletia/streams-core'
import { describe, expect, test } from 'vitest'
import { checkConfig } from '../../src/config/check.js'

const stream = (name: string) => defineStream({ name, watch: { collection: 'reservas' }, handle() {} })
const fault = (config: unknown) => {
  try {
    checkConfig(config, 'x.config.ts')
  } catch (error) {
    return error as { code: string; message: string; details: { why: string } }
  }
  return null
}

test('a full config is returned as it is', () => {
  const config = {
    uri: () => 'mongodb://127.0.0.1/',
    database: 'boletia',
    state: { uri: 'mongodb://127.0.0.1/', database: 'b', collection: 'c' },
    connections: { default: { options: { maxPoolSize: 5 } }, archive: { uri: 'mongodb://127.0.0.1/' } },
    streams: [stream('streamReserva')],
    redact: ['email'],
    log: { level: 'debug' },
    http: '[::1]:9464',
  }
  expect(checkConfig(config, 'x')).toBe(config)
})

test('a stream of another copy of the library is a stream by its structure', () => {
  const copied = { ...stream('streamReserva') }
  expect(fault({ streams: [copied] })).toBeNull()
})

describe('a mistake is CONFIG_INVALID with its path', () => {
  test.each([
    [undefined, 'it has no default export'],
    [7, 'the default export: must be an object'],
    [{}, 'streams: must be an array of streams'],
    [{ streams: {} }, 'streams: must be an array of streams'],
    [{ streams: [], stremas: [] }, 'unknown key stremas; did you mean streams?'],
    [{ streams: [], zzz: 1 }, 'unknown key zzz'],
    [{ streams: [], state: { colection: 'x' } }, 'unknown key state.colection; did you mean collection?'],
    [{ streams: [], connections: { a: { url: 'x' } } }, 'unknown key connections.a.url; did you mean uri?'],
    [{ streams: [], log: { level: 'loud' } }, 'log.level: must be one of trace, debug, info, warn, error, fatal, silent'],
    [{ streams: [], state: 'x' }, 'state: must be an object'],
    [{ streams: [], database: '' }, 'database: must not be empty'],
    [{ streams: [], database: 7 }, 'database: must be a string'],
    [{ streams: [], uri: 7 }, 'uri: must be a connection string or a function that returns one'],
    [{ streams: [], redact: 'email' }, 'redact: must be an array of field names'],
    [{ streams: [stream('a'), { name: 'b', handle() {} }] }, 'streams[1] was not made by defineStream'],
    [{ streams: [stream('a'), stream('a')] }, 'streams[1]: the name a is taken by an earlier stream'],
  ])('%j: %s', (config, message) => {
    const found = fault(config)
    expect(found?.code).toBe('CONFIG_INVALID')
    expect(found?.message).toContain(`x.config.ts: ${message}`)
    expect(found?.details.why).toMatch(/\w/)
  })

  test('which never quotes a value: it may be a password', () => {
    const found = fault({ streams: [], uri: ['mongodb://ana:s3cr3t-planted@127.0.0.1/'] })
    expect(`${found?.message}${found?.details.why}`).not.toContain('s3cr3t')
  })
})
