// check and wait: for scripts and monitors, by exit code.
import path from 'node:path'
import { type TestDatabase, testDatabase } from '@boletia/streams-core/testing'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { documents, failure } from '../src/contracts/index.js'
import { expectGolden } from './golden.js'
import { boletiaStreams, ended, fixtures, start } from './program.js'

let database: TestDatabase
const env = () => ({ MONGODB_URI: database.uri })
const call = async (...args: string[]) => await boletiaStreams(args, { env: env() })
const masked = (text: string) =>
  text
    .replace(/\d+(\.\d+)?s(?=;)|(_seconds\{[^}]*\}) [\d.]+/g, (_all, _part, name?: string) => (name ? `${name} <n>` : '<n>s'))
    .replace(/is \S+ behind/g, 'is <duration> behind')

beforeAll(async () => {
  database = await testDatabase(inject('mongoUri'))
  await call('run', 'streamReserva', 'streamFalla', '--once')
  await database.db.collection('reservas').insertOne({ telefono: 'x' }, { writeConcern: { w: 'majority' } })
  await call('run', 'streamFalla')
}, 120_000)
afterAll(async () => await database[Symbol.asyncDispose]())

describe('check', () => {
  test('of a stopped stream is a warning: exit 10; with its limits passed critical: exit 11', async () => {
    expect(await call('check', 'streamReserva')).toMatchObject({
      code: 10,
      stdout: 'warning  streamReserva  is stopped\n',
      stderr: '',
    })
    const late = await call('check', 'streamReserva', '--max-lag', '0s')
    expect(late).toMatchObject({ code: 11, stderr: '' })
    expect(late.stdout).toMatch(/^critical +streamReserva +is \S+ behind$/m)
    expect(await call('check', 'streamReserva', '--max-lag', '0s,1h')).toMatchObject({ code: 10 })
  })

  test('of a running stream that has caught up is exit 0', async () => {
    const child = start(['run', 'streamNotificacion'], { env: env() })
    const end = ended(child)
    expect(await call('wait', 'streamNotificacion', '--until', 'running')).toMatchObject({ code: 0, stdout: '', stderr: '' })
    expect(await call('wait', 'streamNotificacion', '--until', 'caught-up')).toMatchObject({ code: 0, stdout: '' })
    const { code, stdout } = await call(
      'check',
      'streamNotificacion',
      '--max-lag',
      '10s',
      '--max-parked',
      '0',
      '--max-stuck',
      '10s',
    )
    expect({ code, stdout }).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^ok +streamNotificacion +is (idle|running)/) as string,
    })
    child.kill('SIGTERM')
    await end
  })

  test('of a halted stream is critical, with the error that halted it', async () => {
    expect(await call('check', 'streamFalla')).toMatchObject({
      code: 11,
      stdout: 'critical  streamFalla  is halted (HANDLER_FAILED)\n',
    })
  })

  test('--json has each finding; the exit stays', async () => {
    const { code, stdout } = await call('check', '--json')
    expect(code).toBe(11)
    const { data } = documents.check.parse(JSON.parse(stdout))
    expect(data.level).toBe('critical')
    expect(
      data.streams.map(({ name, findings }) => [name, ...findings.map(({ about, level }) => `${about} ${level}`)]),
    ).toContainEqual(['streamEvento', 'state warning'])
  })

  test('--format nagios exits 0, 1, 2, and 3 where nothing can be known, with its figures', async () => {
    const warning = await call('check', 'streamReserva', '--format', 'nagios', '--min-headroom', '0s')
    expect(warning).toMatchObject({ code: 1, stderr: '' })
    expectGolden('check-nagios.txt', masked(warning.stdout))
    expect(await call('check', 'streamReserva', '--format', 'nagios', '--max-lag', '0s')).toMatchObject({ code: 2 })
    const unknown = await call('check', 'nobody', '--format', 'nagios')
    expect(unknown).toMatchObject({ code: 3, stdout: 'STREAMS UNKNOWN - there is no stream "nobody"\n' })
    const nowhere = { MONGODB_URI: 'mongodb://127.0.0.1:1/boletia?serverSelectionTimeoutMS=200' }
    expect(await boletiaStreams(['check', '--format', 'nagios'], { env: nowhere })).toMatchObject({ code: 3 })
    expect(await boletiaStreams(['check'], { env: nowhere })).toMatchObject({ code: 8, stdout: '' })
    const asDocument = await boletiaStreams(['check', '--format=nagios', '--json'], { env: nowhere })
    expect(asDocument.code).toBe(3)
    expect(failure.parse(JSON.parse(asDocument.stdout)).error).toMatchObject({ code: 'UNREACHABLE', exit: 3 })
    const mistyped = await call('check', '--format', 'nagios', '--max-lagg', '5m')
    expect(mistyped).toMatchObject({ code: 3, stdout: expect.stringMatching(/^STREAMS UNKNOWN - .*--max-lagg/) as string })
  })

  test('--format prometheus is its exposition format', async () => {
    const { code, stdout } = await call('check', 'streamReserva', '--format', 'prometheus')
    expect(code).toBe(10)
    expectGolden('check-prometheus.txt', masked(stdout))
    for (const line of stdout.trimEnd().split('\n'))
      expect(line).toMatch(/^(# (HELP|TYPE) \w+ .+|\w+\{\w+="[^"]*"(,\w+="[^"]*")?\} [\d.]+)$/)
  })

  test.each([
    ['--max-lag', '15'],
    ['--max-lag', '1m,2m,3m'],
    ['--max-lag', '15m,5m'],
    ['--max-lag', '5m,300s'],
    ['--min-headroom', '6h,24h'],
    ['--max-parked', '10,0'],
    ['--max-stuck', '5m,1m'],
    ['--max-parked', 'none'],
    ['--format', 'xml'],
  ])('%s %s is exit 2', async (...args) => {
    const { code, stdout, stderr } = await call('check', ...args)
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toContain('[USAGE]')
  })

  test('limits in the wrong order are told the right one; in that one they are taken', async () => {
    const { stderr } = await call('check', '--min-headroom', '6h,24h')
    expect(stderr).toContain('write --min-headroom 24h,6h')
    expect(await call('check', 'streamReserva', '--min-headroom', '2s,1s', '--max-lag', '1d,2d')).toMatchObject({ code: 10 })
  })

  test('without a config nothing can be said: exit 2, for nagios unknown, never that all is well', async () => {
    const nowhere = { cwd: '/', env: { MONGODB_URI: database.uri } }
    const plain = await boletiaStreams(['check'], nowhere)
    expect(plain).toMatchObject({ code: 2, stdout: '' })
    expect(plain.stderr).toContain('[CONFIG_NOT_FOUND]')
    expect(await boletiaStreams(['check', '--format', 'nagios'], nowhere)).toMatchObject({
      code: 3,
      stdout: expect.stringMatching(/^STREAMS UNKNOWN - no boletia-streams\.config/) as string,
    })
  })

  test('a halted stream that is not in the config is critical, one that is merely not there is well', async () => {
    const at = { cwd: path.join(fixtures, 'bigint'), env: env() }
    expect(await boletiaStreams(['check', 'streamFalla'], at)).toMatchObject({
      code: 11,
      stdout: 'critical  streamFalla  is halted (HANDLER_FAILED), and not in the config\n',
    })
    expect(await boletiaStreams(['check', 'streamReserva'], at)).toMatchObject({
      code: 0,
      stdout: 'ok  streamReserva  is orphan\n',
    })
  })
})

describe('wait', () => {
  test('that runs out is exit 11, says where the stream is, and leaves stdout empty', async () => {
    const { code, stdout, stderr } = await call('wait', 'streamReserva', '--until', 'caught-up', '--timeout', '1s')
    expect({ code, stdout }).toEqual({ code: 11, stdout: '' })
    expect(stderr).toContain('streamReserva is not caught-up after')
    const json = await call('wait', 'streamReserva', '--until', 'running', '--timeout', '0s', '--json')
    expect(json.code).toBe(11)
    expect(documents.wait.parse(JSON.parse(json.stdout)).data).toMatchObject({ reached: false, state: 'stopped' })
  })

  test.each([
    [[], 2],
    [['--until', 'done'], 2],
    [['--until', 'running', '--timeout', '60'], 2],
  ])('%j is exit %i', async (args, exit) => {
    expect(await call('wait', 'streamReserva', ...args)).toMatchObject({ code: exit, stdout: '' })
  })
})
