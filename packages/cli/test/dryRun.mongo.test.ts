// run --dry-run and --drain-timeout, status --watch.
import path from 'node:path'
import { type TestDatabase, testDatabase } from '@boletia/streams-core/testing'
import { afterEach, beforeEach, describe, expect, inject, test } from 'vitest'
import { decisionRecord, documents } from '../src/contracts/index.js'
import { boletiaStreams, ended, fixtures, start } from './program.js'

let database: TestDatabase
const env = () => ({ MONGODB_URI: database.uri })
const call = async (...args: string[]) => await boletiaStreams(args, { env: env() })
const insert = async (document: object) =>
  await database.db.collection('reservas').insertOne({ ...document }, { writeConcern: { w: 'majority' } })
const state = async () => [
  await database.db.collection('stream').find().toArray(),
  await database.db.collection('stream.leases').find().toArray(),
  (await database.admin.listCollections({}, { nameOnly: true }).toArray()).map(({ name }) => name).sort(),
]

beforeEach(async () => {
  database = await testDatabase(inject('mongoUri'))
})
afterEach(async () => await database[Symbol.asyncDispose]())

describe('run --dry-run', () => {
  test('says what would be done, calls no handler, and touches nothing', async () => {
    await call('run', 'streamEvento', 'streamProyecta', '--once')
    await insert({ _id: 'r1', email: 'ana.planted@example.com' })
    const before = await state()
    const { code, stdout, stderr } = await call('run', 'streamEvento', 'streamProyecta', '--dry-run', '--once')
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    const records = stdout
      .trimEnd()
      .split('\n')
      .map((line) => decisionRecord.parse(JSON.parse(line)))
    expect(new Set(records.map(({ stream, decision, writes }) => [stream, decision, writes]))).toEqual(
      new Set([
        ['streamEvento', 'handle', []],
        ['streamProyecta', 'write', [{ target: 'copias', model: 'updateOne', guard: 'insertOnce' }]],
      ]),
    )
    expect(stdout).not.toContain('planted')
    const text = await call('run', 'streamProyecta', '--dry-run', '--once', '--output', 'text')
    expect(text.stdout).toMatch(
      /^streamProyecta {2}\S+Z {2}insert {2}\{"_id":"r1"\} {2}would write updateOne copias \(insertOnce\)\n$/,
    )
    expect(await state()).toEqual(before)
    expect((await call('run', 'streamEvento', '--once')).stderr, 'the negative control').toContain('a handler that prints')
  })

  test('of what was handled before says what onReplay skips; --json is one summary', async () => {
    await call('run', 'streamNotificacion', '--once')
    await insert({ _id: 'r1' })
    await call('run', 'streamNotificacion', '--once')
    await call('reset', 'streamNotificacion', '--to', '-1h', '--execute')
    const { stdout } = await call('run', 'streamNotificacion', '--dry-run', '--once')
    expect(decisionRecord.parse(JSON.parse(stdout))).toMatchObject({ decision: 'skip', replay: true })
    const { data } = documents.run.parse(
      JSON.parse((await call('run', 'streamNotificacion', '--dry-run', '--once', '--json')).stdout),
    )
    expect(data.streams).toMatchObject([{ name: 'streamNotificacion', handled: 0, skipped: 1, reason: 'caught-up' }])
  })

  test('of a stream whose run begins with existing documents is refused, before and in the midst of them; its token can be read', async () => {
    const at = { cwd: path.join(fixtures, 'backfill'), env: env() }
    for (const _id of ['r1', 'r2', 'r3']) await insert({ _id })
    const dry = async () => {
      const refused = await boletiaStreams(['run', 'streamTodo', '--dry-run', '--once'], at)
      expect(refused).toMatchObject({ code: 2, stdout: '' })
      expect(refused.stderr).toContain('a dry run shows live changes only')
    }
    await dry()
    expect(await boletiaStreams(['run', 'streamTodo', '--max', '2'], at)).toMatchObject({ code: 0 })
    await dry()
    const { code, stdout } = await boletiaStreams(['token', 'decode', 'stream:streamTodo', '--json'], at)
    expect(code).toBe(0)
    expect(documents['token.decode'].parse(JSON.parse(stdout)).data).toMatchObject({
      type: 'highWaterMark',
      documentKey: null,
      backfill: { state: 'scanning', scanned: 2, last: { _id: 'r2' } },
    })
    expect((await boletiaStreams(['token', 'decode', 'stream:streamTodo'], at)).stdout).toContain(
      '2 documents were handed over, the last one {"_id":"r2"}',
    )
    // The hex alone, as a log or the history has it, elsewhere: without a config and a server.
    const { token } = documents['token.decode'].parse(JSON.parse(stdout)).data
    const byHex = await boletiaStreams(['token', 'decode', token, '--json'], { cwd: '/' })
    expect(documents['token.decode'].parse(JSON.parse(byHex.stdout)).data).toEqual({
      ...documents['token.decode'].parse(JSON.parse(stdout)).data,
      backfill: { state: 'scanning', scanned: null, last: { _id: 'r2' } },
    })
    expect((await boletiaStreams(['token', 'decode', token], { cwd: '/' })).stdout).toMatch(
      /a point between changes[^]*backfill +behind the existing document \{"_id":"r2"\}/,
    )
    const refused = await boletiaStreams(['reset', 'streamTodo', '--to', `token:${token}`], at)
    expect(refused).toMatchObject({ code: 6, stdout: '' })
    expect(refused.stderr).toContain(
      'this is not the token of a change: it is a position among existing documents, of a backfill',
    )
    expect(await boletiaStreams(['run', 'streamTodo', '--once'], at)).toMatchObject({ code: 0 })
    expect(await boletiaStreams(['run', 'streamTodo', '--dry-run', '--once'], at)).toMatchObject({ code: 0, stdout: '' })
  })

  test('runs beside the worker that holds the stream, and ends at a signal', async () => {
    await call('run', 'streamEvento', '--once')
    await insert({ _id: 'r1' })
    const child = start(['run', 'streamEvento', '--dry-run'], { env: env() })
    const end = ended(child)
    await new Promise<void>((resolve) => child.stdout?.once('data', () => resolve()))
    expect((await call('run', 'streamEvento', '--once')).code).toBe(0)
    child.kill('SIGINT')
    expect((await end).code).toBe(0)
  })
})

test('--drain-timeout quits like a second signal when the change in hand is not done in time', async () => {
  await call('run', 'streamReserva', '--once')
  await insert({ espera: true })
  const child = start(['run', 'streamReserva', '--drain-timeout', '1s'], { env: env() })
  const end = ended(child)
  let told = ''
  child.stderr?.on('data', (part: Buffer) => (told += part.toString()))
  await expect.poll(() => told).toContain('in hand for ever')
  child.kill('SIGTERM')
  const { code, stdout, stderr } = await end
  expect({ code, stdout }).toEqual({ code: 143, stdout: '' })
  expect(stderr).toContain('is not done after 1s')
  // Killed, it could not close its cursor.
  const idle = await database.client
    .db('admin')
    .aggregate([
      { $currentOp: { idleCursors: true } },
      { $match: { ns: `${database.name}.reservas`, 'cursor.cursorId': { $exists: true } } },
    ])
    .toArray()
  await database.db.command({
    killCursors: 'reservas',
    cursors: idle.map(({ cursor }) => (cursor as { cursorId: unknown }).cursorId),
  })
})

test.each([[['--drain-timeout', '30']], [['--output', 'text']], [['--dry-run', '--output', 'xml']]])(
  'run %j is exit 2',
  async (args) => {
    const { code, stdout, stderr } = await call('run', 'streamReserva', ...args)
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toContain('[USAGE]')
  },
)

describe('status --watch', () => {
  test('in a pipe prints what changed, without any escape; with --json a document a line', async () => {
    await call('run', 'streamReserva', '--once')
    const child = start(['status', 'streamReserva', '--watch'], { env: env() })
    const json = start(['status', 'streamReserva', '--watch', '--json'], { env: env() })
    const ends = [ended(child), ended(json)]
    await Promise.all([child, json].map((one) => new Promise<void>((resolve) => one.stdout?.once('data', () => resolve()))))
    let shown = ''
    child.stdout?.on('data', (part: Buffer) => (shown += part.toString()))
    await call('pause', 'streamReserva', '--reason', 'watched')
    // Something else, such as the lag, may be told first.
    await expect.poll(() => shown).toContain('watched')
    child.kill('SIGINT')
    json.kill('SIGINT')
    const [text, lines] = await Promise.all(ends)
    expect([text?.code, lines?.code]).toEqual([0, 0])
    expect(text?.stdout).toMatch(/^paused +watched/m)
    expect(text?.stdout).not.toContain('\u001B')
    for (const line of lines?.stdout.trimEnd().split('\n') ?? [])
      expect(documents.status.shape.data.parse(JSON.parse(line)).name).toBe('streamReserva')
  })
})
