// Every error that an operator meets first: its exit code, where it is written, and what it says to type next.
import path from 'node:path'
import { type TestDatabase, testDatabase } from '@boletia/streams-core/testing'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { failure } from '../src/contracts/index.js'
import { expectGolden } from './golden.js'
import { boletiaStreams, fixtures } from './program.js'

const nowhere = 'mongodb://ana:s3cr3t-planted@127.0.0.1:1/boletia?serverSelectionTimeoutMS=300'
const wrongLogin = (uri: string) => uri.replace(/\/\/([^@]*@)?/, '//ana:s3cr3t-planted@')

let database: TestDatabase
beforeAll(async () => {
  database = await testDatabase(inject('mongoUri'))
  await boletiaStreams(['run', 'streamReserva', '--once'], { env: { MONGODB_URI: database.uri } })
}, 120_000)
afterAll(async () => await database[Symbol.asyncDispose]())

interface Case {
  readonly what: string
  readonly args: readonly string[]
  readonly exit: number
  readonly code: string
  /** A command or a line that must be there to be typed next. */
  readonly next: string
  readonly uri?: (() => string) | null
  readonly cwd?: string
}

const typo = path.join(fixtures, 'broken/typo.mjs')
const drifting = path.join(fixtures, 'errors/boletia-streams.config.mjs')
const cases: readonly Case[] = [
  { what: 'no command', args: [], exit: 2, code: 'USAGE', next: 'boletia-streams help' },
  { what: 'an unknown command', args: ['stauts'], exit: 2, code: 'USAGE', next: 'boletia-streams help' },
  { what: 'an unknown option', args: ['list', '--jsn'], exit: 2, code: 'USAGE', next: 'boletia-streams help list' },
  {
    what: 'an option without its value',
    args: ['reset', 'streamReserva', '--to'],
    exit: 2,
    code: 'USAGE',
    next: 'boletia-streams help reset',
  },
  { what: 'a command without its argument', args: ['status'], exit: 2, code: 'USAGE', next: 'boletia-streams help status' },
  { what: 'one argument too many', args: ['status', 'a', 'b'], exit: 2, code: 'USAGE', next: 'boletia-streams help status' },
  {
    what: 'an option of a later version',
    args: ['run', 'streamReserva', '--metrics'],
    exit: 2,
    code: 'USAGE',
    next: 'boletia-streams help run',
  },
  { what: 'run without a name', args: ['run'], exit: 2, code: 'USAGE', next: 'boletia-streams help run' },
  { what: 'no URI', args: ['list'], exit: 2, code: 'NO_URI', next: 'export MONGODB_URI=', uri: null },
  { what: 'no database', args: ['list'], exit: 2, code: 'NO_DATABASE', next: '--db <database>', uri: () => inject('mongoUri') },
  {
    what: 'a URI that is none',
    args: ['list'],
    exit: 2,
    code: 'INVALID_OPTIONS',
    next: 'boletia-streams help config',
    uri: () => 'localhost:27017',
  },
  {
    what: 'an unreachable server',
    args: ['list'],
    exit: 8,
    code: 'UNREACHABLE',
    next: 'export MONGODB_URI=',
    uri: () => nowhere,
  },
  { what: 'a wrong login', args: ['list'], exit: 8, code: 'UNAUTHORISED', next: 'mongosh', uri: () => wrongLogin(database.uri) },
  {
    what: 'an unknown name',
    args: ['status', 'streamReserv'],
    exit: 4,
    code: 'UNKNOWN_STREAM',
    next: 'boletia-streams status streamReserva',
  },
  {
    what: 'an unknown name with options',
    args: ['reset', 'streamReserv', '--to', '-1m'],
    exit: 4,
    code: 'UNKNOWN_STREAM',
    next: 'boletia-streams reset streamReserva --to -1m',
  },
  {
    what: 'an unknown name to run',
    args: ['run', 'streamreserva'],
    exit: 4,
    code: 'UNKNOWN_STREAM',
    next: 'boletia-streams run streamReserva',
  },
  { what: 'a glob that matches nothing', args: ['list', 'x*'], exit: 4, code: 'UNKNOWN_STREAM', next: 'boletia-streams list' },
  {
    what: 'nothing saved',
    args: ['reset', 'streamEvento', '--to', '-1m'],
    exit: 4,
    code: 'NOTHING_SAVED',
    next: 'boletia-streams run streamEvento',
  },
  {
    what: 'a config with a typo',
    args: ['list', '--config', typo],
    exit: 2,
    code: 'CONFIG_INVALID',
    next: 'boletia-streams help config',
  },
  {
    what: 'a config that does not exist',
    args: ['list', '--config', 'none.mjs'],
    exit: 2,
    code: 'CONFIG_NOT_FOUND',
    next: 'boletia-streams help config',
  },
  {
    what: 'run without a config',
    args: ['run', 'streamReserva'],
    exit: 2,
    code: 'CONFIG_NOT_FOUND',
    next: '--config <file>',
    cwd: '/',
  },
  {
    what: 'a future time',
    args: ['reset', 'streamReserva', '--to', '2199-01-01T00:00:00Z'],
    exit: 6,
    code: 'FUTURE_TIME',
    next: 'boletia-streams reset streamReserva --to -10m',
  },
  {
    what: 'a future end of a run',
    args: ['run', 'streamReserva', '--until', '2199-01-01T00:00:00Z'],
    exit: 6,
    code: 'FUTURE_TIME',
    next: 'boletia-streams run streamReserva --once',
  },
  {
    what: 'a malformed token',
    args: ['reset', 'streamReserva', '--to', 'token:82zz'],
    exit: 6,
    code: 'TOKEN_UNUSABLE',
    next: 'boletia-streams status streamReserva',
  },
  {
    what: 'a malformed token to decode',
    args: ['token', 'decode', '82zz'],
    exit: 6,
    code: 'TOKEN_UNUSABLE',
    next: 'boletia-streams list --json',
  },
  {
    what: 'a time without a zone',
    args: ['reset', 'streamReserva', '--to', '2026-01-01T00:00:00'],
    exit: 2,
    code: 'USAGE',
    next: 'boletia-streams help where',
  },
  {
    what: 'a bare number',
    args: ['reset', 'streamReserva', '--to', '15'],
    exit: 2,
    code: 'USAGE',
    next: 'boletia-streams help where',
  },
  {
    what: 'a bare number of --by',
    args: ['reset', 'streamReserva', '--by', '-15'],
    exit: 2,
    code: 'USAGE',
    next: 'boletia-streams help reset',
  },
  {
    what: 'consent missing',
    args: ['reset', 'streamReserva', '--to', 'latest', '--execute', '--yes'],
    exit: 2,
    code: 'CONSENT_MISSING',
    next: '--execute --confirm streamReserva',
  },
  {
    what: 'consent for another stream',
    args: ['reset-token', 'streamReserva', '--execute', '--confirm', 'streamEvento'],
    exit: 2,
    code: 'CONSENT_MISSING',
    next: '--confirm streamReserva',
  },
  {
    what: 'drift accepted without consent',
    args: ['run', 'streamReserva', '--accept-drift'],
    exit: 2,
    code: 'CONSENT_MISSING',
    next: '--accept-drift --confirm streamReserva',
  },
  {
    what: 'drift of all streams accepted without consent',
    args: ['run', '--all', '--once', '--accept-drift', '--config', drifting],
    exit: 2,
    code: 'CONSENT_MISSING',
    next: `boletia-streams run --all --once --accept-drift --config ${drifting} --confirm streamReserva`,
  },
  {
    what: 'an undo of nothing',
    args: ['reset', 'streamReserva', '--to', 'prev'],
    exit: 4,
    code: 'NOTHING_SAVED',
    next: 'boletia-streams help where',
  },
  {
    what: 'a plan that no longer holds',
    args: ['reset', 'streamReserva', '--to', '-1m', '--if-rev', '99999', '--execute'],
    exit: 5,
    code: 'POSITION_MOVED',
    next: 'boletia-streams history streamReserva',
  },
  {
    what: 'a log level that is none',
    args: ['run', 'streamReserva', '--log-level', 'loud'],
    exit: 2,
    code: 'USAGE',
    next: 'boletia-streams help run',
  },
  {
    what: 'a pause without a reason',
    args: ['pause', 'streamReserva'],
    exit: 2,
    code: 'USAGE',
    next: 'boletia-streams help pause',
  },
  {
    what: 'a pause that has ended',
    args: ['pause', 'streamReserva', '--reason', 'x', '--until', '2020-01-01T00:00:00Z'],
    exit: 2,
    code: 'USAGE',
    next: 'boletia-streams help pause',
  },
  {
    what: 'a pause of a stream that never started',
    args: ['pause', 'streamEvento', '--reason', 'x'],
    exit: 4,
    code: 'NOTHING_SAVED',
    next: 'boletia-streams run streamEvento',
  },
  { what: 'an unknown help topic', args: ['help', 'exit-cods'], exit: 2, code: 'USAGE', next: 'boletia-streams help' },
]

const options = ({ uri, cwd }: Case) => ({
  env: uri === null ? {} : { MONGODB_URI: (uri ?? (() => database.uri))() },
  ...(cwd !== undefined && { cwd }),
})

test.each(cases)('$what: exit $exit, $code on stderr alone, and what to type next', async (tried) => {
  const { what, args, exit, code, next } = tried
  const { code: exited, stdout, stderr } = await boletiaStreams(args, options(tried))
  expect({ exited, stdout }).toEqual({ exited: exit, stdout: '' })
  expect(stderr).toContain(`[${code}]`)
  expect(stderr).toContain(next)
  expect(stderr).not.toMatch(/\n {4}at |s3cr3t/)
  expect(stderr).not.toContain('\u001B')
  expectGolden(`errors/${what.replaceAll(/\W+/g, '-')}.txt`, stderr)
})

// Every code once: the way from an error to its document is the same for all.
const firstOfEachCode = cases.filter(({ code }, index) => cases.findIndex((other) => other.code === code) === index)

test.each(firstOfEachCode)('$what: exactly one document with --json', async (tried) => {
  const { args, exit, code, next } = tried
  const { code: exited, stdout } = await boletiaStreams([...args, '--json'], options(tried))
  expect(exited).toBe(exit)
  expect(stdout.trimEnd()).not.toContain('\n')
  const { error } = failure.parse(JSON.parse(stdout))
  expect(error).toMatchObject({ code, exit })
  expect(error.nextActions.map(({ command }) => command).join('\n')).toContain(next)
  expect(stdout).not.toContain('s3cr3t')
})

test('a misspelt key of the config is named with its path and the right name', async () => {
  const { stderr } = await boletiaStreams(['list', '--config', typo], { env: { MONGODB_URI: database.uri } })
  expect(stderr).toContain('unknown key stremas; did you mean streams?')
})
