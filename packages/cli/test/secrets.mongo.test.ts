// A password and a person's data are planted wherever they could come out; no output of any command may hold them.
import { type TestDatabase, testDatabase } from '@boletia/streams-core/testing'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { type CallOptions, boletiaStreams } from './program.js'

const password = 's3cr3t-planted'
const email = 'ana.planted@example.com'
const telefono = '55-planted'

let database: TestDatabase
beforeAll(async () => {
  database = await testDatabase(inject('mongoUri'))
  await boletiaStreams(['run', '--all', '--once'], { env: { MONGODB_URI: database.uri } })
  // Also as a key: it comes out in plans, samples and decoded tokens.
  await database.db
    .collection<{ _id: string }>('reservas')
    .insertOne({ _id: email, email, telefono } as { _id: string }, { writeConcern: { w: 'majority' } })
  await boletiaStreams(['run', 'streamReserva', '--once'], { env: { MONGODB_URI: database.uri } })
}, 120_000)
afterAll(async () => await database[Symbol.asyncDispose]())

const planted = (uri: string, user = 'ana') => uri.replace(/\/\/([^@]*@)?/, `//${user}:${password}@`)
const refused = () => planted(database.uri)
const unreachable = `mongodb://ana:${password}@127.0.0.1:1/boletia?serverSelectionTimeoutMS=200`
const malformed = `mongodb://ana:${password}/x@y@127.0.0.1:port/boletia`

describe.each([
  ['the handler’s error and its log', ['run', 'streamFalla'], () => ({ MONGODB_URI: database.uri })],
  ['a plan and its samples', ['replay', 'streamReserva', '--from', '-1h'], () => ({ MONGODB_URI: database.uri })],
  ['a replay', ['replay', 'streamFalla', '--from', 'earliest', '--execute'], () => ({ MONGODB_URI: database.uri })],
  ['a decoded token', ['token', 'decode', 'stream:streamReserva'], () => ({ MONGODB_URI: database.uri })],
  ['what comes next', ['peek', 'streamReserva', '--before', '1h', '--payload'], () => ({ MONGODB_URI: database.uri })],
  ['a dry run', ['run', 'streamEvento', '--dry-run', '--once'], () => ({ MONGODB_URI: database.uri })],
  ['a pause', ['pause', 'streamReserva', '--reason', `for ${email}`], () => ({ MONGODB_URI: database.uri })],
  ['a paused status', ['status', 'streamReserva'], () => ({ MONGODB_URI: database.uri })],
  ['a pause taken back', ['resume', 'streamReserva', '--reason', `for ${email}`], () => ({ MONGODB_URI: database.uri })],
  ['a history', ['history', 'streamReserva'], () => ({ MONGODB_URI: database.uri })],
  ['a plan to delete', ['delete', 'streamReserva', '--reason', `for ${email}`], () => ({ MONGODB_URI: database.uri })],
  ['an export', ['export'], () => ({ MONGODB_URI: database.uri })],
  ['a check', ['check'], () => ({ MONGODB_URI: database.uri })],
  ['a check of an unreachable server', ['check', '--format', 'nagios'], () => ({ MONGODB_URI: unreachable })],
  [
    'a wait that runs out',
    ['wait', 'streamFalla', '--until', 'running', '--timeout', '0s'],
    () => ({ MONGODB_URI: database.uri }),
  ],
  ['a shown config', ['config', 'show'], () => ({ MONGODB_URI: unreachable })],
  ['a validated config', ['config', 'validate', '--config', '../secret/boletia-streams.config.mjs'], () => ({})],
  ['a diagnosis', ['doctor'], () => ({ MONGODB_URI: unreachable })],
  ['a role', ['doctor', '--role'], () => ({ MONGODB_URI: refused() })],
  ['a file that is none', ['import', unreachable], () => ({ MONGODB_URI: database.uri })],
  ['an unreachable server', ['list'], () => ({ MONGODB_URI: unreachable })],
  ['an unreachable server given as an option', ['list', '--uri', unreachable], () => ({})],
  ['a refused login', ['run', 'streamReserva'], () => ({ MONGODB_URI: refused() })],
  ['a malformed address', ['list'], () => ({ MONGODB_URI: malformed })],
  ['an address in a mistyped option', ['list', `--urri=${unreachable}`], () => ({})],
  ['an address as a name', ['status', unreachable], () => ({ MONGODB_URI: database.uri })],
  [
    'a reason with an address',
    ['reset', 'streamReserva', '--to', '-1h', '--reason', `for ${email}`],
    () => ({ MONGODB_URI: database.uri }),
  ],
  ['a config that fails with an address', ['list', '--config', '../broken/throws.mjs'], () => ({})],
] as [string, string[], () => Record<string, string>][])('in %s', (_what, args, env) => {
  // --verbose prints all that is printed without it.
  test.each<string[]>([['--verbose'], ['--json', '--verbose']])('nothing planted comes out (%s %s)', async (...extra) => {
    const options: CallOptions = { env: env() }
    const { code, stdout, stderr } = await boletiaStreams([...args, ...extra], options)
    expect(stdout + stderr, `exit ${code}`).not.toMatch(/s3cr3t|planted/)
    expect((stdout + stderr).length).toBeGreaterThan(20)
    if (extra.includes('--json')) expect(() => JSON.parse(stdout) as unknown).not.toThrow()
  })
})

test('the negative control: without the redactor the planted data would be there', async () => {
  const { stderr } = await boletiaStreams(['run', 'streamFalla'], { env: { MONGODB_URI: database.uri } })
  expect(stderr).toContain('about to fail for [redacted]')
  expect(stderr).toContain('no mail to [redacted]')
  expect((await boletiaStreams(['list'], { env: { MONGODB_URI: unreachable } })).stderr).toContain('UNREACHABLE')
})
