import type { ChildProcess } from 'node:child_process'
import { type TestDatabase, testDatabase } from '@boletia/streams-core/testing'
import type { Document } from 'mongodb'
import { afterEach, beforeEach, describe, expect, inject, test, vi } from 'vitest'
import { documents, failure, settledRecord } from '../src/contracts/index.js'
import { boletiaStreams, ended, start } from './program.js'

let database: TestDatabase
const env = () => ({ MONGODB_URI: database.uri })
const insert = async (document: object) =>
  await database.db.collection('reservas').insertOne({ ...document }, { writeConcern: { w: 'majority' } })
const saved = async (name: string) => await database.db.collection<{ _id: string } & Document>('stream').findOne({ _id: name })

/** Resolves with what stderr says from now on, as soon as it matches. */
async function told(child: ChildProcess, pattern: RegExp): Promise<string> {
  let seen = ''
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (seen += text))
  return await vi.waitFor(
    () => {
      if (!pattern.test(seen)) throw new Error(`not yet in: ${seen}`)
      return seen
    },
    { timeout: 60_000, interval: 20 },
  )
}

/** A process that quits at once cannot close its cursor; the server would keep it for ten minutes. */
async function closeCursors(): Promise<void> {
  const idle = database.client
    .db('admin')
    .aggregate([
      { $currentOp: { idleCursors: true } },
      { $match: { ns: `${database.name}.reservas`, 'cursor.cursorId': { $exists: true } } },
    ])
  const cursors = (await idle.toArray()).map(({ cursor }) => (cursor as { cursorId: unknown }).cursorId)
  await database.db.command({ killCursors: 'reservas', cursors })
}

beforeEach(async () => {
  database = await testDatabase(inject('mongoUri'))
})
afterEach(async () => await database[Symbol.asyncDispose]())

describe('run', () => {
  test('--once stops when caught up; --json prints what was done, and stdout holds nothing else', async () => {
    await boletiaStreams(['run', 'streamEvento', '--once'], { env: env() })
    await insert({ n: 1 })
    await insert({ n: 2 })
    const { code, stdout, stderr } = await boletiaStreams(['run', 'streamEvento', '--once', '--json'], { env: env() })
    expect(code).toBe(0)
    const { streams } = documents.run.parse(JSON.parse(stdout)).data
    expect(streams).toMatchObject([{ name: 'streamEvento', handled: 2, skipped: 0, parked: 0, reason: 'caught-up' }])
    expect(stderr, 'a handler’s console.log goes to stderr').toContain('a handler that prints')
  })

  test('--output jsonl writes a line for each settled change, nothing of its contents, and the summary at the end', async () => {
    await boletiaStreams(['run', 'streamE*', 'streamProyecta', '--once'], { env: env() })
    await insert({ _id: 'planted', email: 'ana@example.com' })
    await insert({ _id: 'planted too', email: 'eva@example.com' })
    const { code, stdout } = await boletiaStreams(
      ['run', 'streamE*', 'streamProyecta', '--once', '--output', 'jsonl', '--http', ':0'],
      { env: env() },
    )
    expect(code).toBe(0)
    const lines = stdout.trimEnd().split('\n')
    const { streams } = documents.run.parse(JSON.parse(lines.pop() ?? '')).data
    expect(streams.map(({ name, handled }) => [name, handled])).toEqual([
      ['streamEvento', 2],
      ['streamProyecta', 2],
    ])
    const records = lines.map((line) => settledRecord.parse(JSON.parse(line)))
    for (const name of ['streamEvento', 'streamProyecta']) {
      const own = records.filter(({ stream }) => stream === name)
      expect(own.map(({ outcome }) => outcome)).toEqual(['handled', 'handled'])
      const [first, last] = own.map(({ token }) => token).sort()
      expect(last).toBe((await saved(name))?.['highest'])
      expect(first).not.toBe(last)
    }
    expect(stdout).not.toMatch(/planted|example\.com/)
    const once = await boletiaStreams(['run', 'streamE*', '--once', '--output', 'jsonl', '--json'], { env: env() })
    expect(documents.run.parse(JSON.parse(once.stdout)).data.streams, 'with --json only the summary').toHaveLength(1)
  })

  test('its first line names stream, pid and owner, at every log level', async () => {
    const child = start(['run', 'streamReserva', '--once', '--log-level', 'silent'], { env: env() })
    const { stderr } = await ended(child)
    const first = JSON.parse(stderr.split('\n')[0] ?? '') as Record<string, unknown>
    expect(first).toMatchObject({ stream: 'streamReserva', pid: child.pid })
    expect(first['owner']).toMatch(new RegExp(`^[^/]+/${child.pid}/[0-9a-f]{6}$`))
    expect(stderr.trimEnd().split('\n')).toHaveLength(1)
  })

  test('--max and --until end it, each with its reason', async () => {
    await boletiaStreams(['run', 'streamReserva', '--once'], { env: env() })
    for (let n = 0; n < 3; n++) await insert({ n })
    const reasonOf = async (...args: string[]) => {
      const { stdout } = await boletiaStreams(['run', 'streamReserva', ...args, '--json'], { env: env() })
      return documents.run.parse(JSON.parse(stdout)).data.streams[0]
    }
    expect(await reasonOf('--until', '-1h')).toMatchObject({ handled: 0, reason: 'until' })
    expect(await reasonOf('--max', '2')).toMatchObject({ handled: 2, reason: 'max' })
    expect(await reasonOf('--once')).toMatchObject({ handled: 1, reason: 'caught-up' })
  })

  test('globs and --all choose the streams; LOG_LEVEL and --log-format are heard', async () => {
    const { code, stdout, stderr } = await boletiaStreams(['run', 'stream[EN]*', '--once', '--json', '--log-format', 'pretty'], {
      env: { ...env(), LOG_LEVEL: 'warn' },
    })
    expect(code).toBe(0)
    expect(documents.run.parse(JSON.parse(stdout)).data.streams.map(({ name }) => name)).toEqual([
      'streamEvento',
      'streamNotificacion',
    ])
    expect(stderr).not.toMatch(/^\{|ended/m)
    expect(stderr).not.toContain('\u001B')
    const all = await boletiaStreams(['run', '--all', '--once', '--json'], { env: env() })
    expect(documents.run.parse(JSON.parse(all.stdout)).data.streams).toHaveLength(5)
  })
})

describe('a stop', () => {
  test.each(['SIGTERM', 'SIGINT'] as const)('by %s saves and exits 0', async (signal) => {
    const child = start(['run', 'streamEvento', '--json'], { env: env() })
    const done = ended(child)
    await vi.waitFor(async () => expect(await saved('streamEvento')).not.toBeNull(), { timeout: 60_000 })
    await insert({ n: 1 })
    await vi.waitFor(async () => expect((await saved('streamEvento'))?.['highest']).toMatch(/^82/), { timeout: 60_000 })
    child.kill(signal)
    const { code, stdout } = await done
    expect(code).toBe(0)
    const { streams } = documents.run.parse(JSON.parse(stdout)).data
    expect(streams).toMatchObject([{ name: 'streamEvento', handled: 1, reason: 'stopped' }])
    expect((await saved('streamEvento'))?.['token']).toBe(streams[0]?.position?.token)
  })

  test('a second signal quits at once, whatever the handler does', async () => {
    const child = start(['run', 'streamReserva', '--log-level', 'debug'], { env: env() })
    const done = ended(child)
    await vi.waitFor(async () => expect(await saved('streamReserva')).not.toBeNull(), { timeout: 60_000 })
    const before = await saved('streamReserva')
    // Its handler never returns.
    const inHand = told(child, /in hand for ever/)
    await insert({ espera: true })
    await inHand
    const heard = told(child, /SIGTERM: finishing the change in hand/)
    child.kill('SIGTERM')
    await heard
    child.kill('SIGTERM')
    expect((await done).code).toBe(143)
    await closeCursors()
    expect((await saved('streamReserva'))?.['highest'] ?? null).toBe(before?.['highest'] ?? null)
  })
})

describe('a failure', () => {
  beforeEach(async () => {
    await boletiaStreams(['run', 'stream[EF]*', '--once'], { env: env() })
    await insert({ email: 'ana@example.com', telefono: '55 1234' })
  }, 120_000)

  test('of a handler exits 7, saves nothing, and drains the other streams', async () => {
    const before = await saved('streamFalla')
    const { code, stdout, stderr } = await boletiaStreams(['run', 'stream[EF]*', '--json'], { env: env() })
    expect(code).toBe(7)
    expect(failure.parse(JSON.parse(stdout)).error).toMatchObject({ code: 'HANDLER_FAILED', exit: 7 })
    expect(stderr).toContain('boletia-streams run streamFalla')
    expect(stderr).toMatch(/"reason":"stopped","msg":"streamEvento ended"/)
    expect((await saved('streamFalla'))?.['highest'] ?? null).toBe(before?.['highest'] ?? null)
    const list = await boletiaStreams(['list', '--json'], { env: env() })
    expect(documents.list.parse(JSON.parse(list.stdout)).data.streams.find(({ name }) => name === 'streamFalla')).toMatchObject({
      state: 'halted',
      lastError: { code: 'HANDLER_FAILED', name: 'Error' },
    })
  })

  test('of a handler ends the lines of --output jsonl with its document', async () => {
    const { code, stdout } = await boletiaStreams(['run', 'stream[EF]*', '--once', '--keep-going', '--output', 'jsonl'], {
      env: env(),
    })
    expect(code).toBe(7)
    const lines = stdout.trimEnd().split('\n')
    expect(failure.parse(JSON.parse(lines.pop() ?? '')).error).toMatchObject({ code: 'HANDLER_FAILED', exit: 7 })
    expect(lines.map((line) => settledRecord.parse(JSON.parse(line)))).toMatchObject([
      { stream: 'streamEvento', outcome: 'handled' },
    ])
  })

  test('with --keep-going stops only its own stream; the exit is still its code', async () => {
    const child = start(['run', 'stream[EF]*', '--keep-going'], { env: env() })
    const done = ended(child)
    await told(child, /streamFalla failed/)
    const highest = async () => (await saved('streamEvento'))?.['highest'] as string | null | undefined
    // The other stream may have failed before this one has saved its first change.
    await vi.waitFor(async () => expect(await highest()).toMatch(/^82/), { timeout: 60_000 })
    const before = (await highest())!
    await insert({ n: 2 })
    await vi.waitFor(async () => expect((await highest())! > before).toBe(true), { timeout: 60_000 })
    child.kill('SIGTERM')
    expect((await done).code).toBe(7)
  })
})

test('a stream that a live worker holds is neither run nor moved by another: exit 5', async () => {
  const child = start(['run', 'streamReserva'], { env: env() })
  const done = ended(child)
  const status = async () => {
    const { stdout } = await boletiaStreams(['status', 'streamReserva', '--json'], { env: env() })
    return documents.status.parse(JSON.parse(stdout)).data
  }
  await vi.waitFor(async () => expect((await status()).lease).not.toBeNull(), { timeout: 60_000 })
  expect((await status()).owner).toContain(`/${child.pid}/`)
  const second = await boletiaStreams(['run', 'streamReserva', '--json'], { env: env() })
  expect({ code: second.code, error: failure.parse(JSON.parse(second.stdout)).error.code }).toEqual({
    code: 5,
    error: 'LEASE_HELD',
  })
  const plan = await boletiaStreams(['reset', 'streamReserva', '--to', '-1h'], { env: env() })
  expect(plan.stdout).toMatch(/lease\s+held by \S+ \(epoch \d+\): stop it first/)
  const moved = await boletiaStreams(['reset', 'streamReserva', '--to', '-1h', '--execute'], { env: env() })
  expect({ code: moved.code, stdout: moved.stdout }).toEqual({ code: 5, stdout: '' })
  child.kill('SIGTERM')
  expect((await done).code).toBe(0)
  expect((await status()).state).toBe('stopped')
})

test('a changed definition is refused with 6, and accepted only for the stream that --confirm names', async () => {
  await boletiaStreams(['run', 'streamReserva', '--once'], { env: env() })
  await database.db
    .collection<{ _id: string }>('stream')
    .updateOne({ _id: 'streamReserva' }, { $set: { fingerprint: 'another' } })
  const refused = await boletiaStreams(['run', 'streamReserva', '--once'], { env: env() })
  expect(refused.code).toBe(6)
  expect(refused.stderr).toContain('boletia-streams run streamReserva --once --accept-drift --confirm streamReserva')
  expect((await boletiaStreams(['run', 'streamReserva', '--once', '--accept-drift'], { env: env() })).code).toBe(2)
  expect((await boletiaStreams(['run', '--all', '--once', '--accept-drift'], { env: env() })).code).toBe(2)
  const plan = ['reset', 'streamReserva', '--to', '-1h', '--execute']
  const move = await boletiaStreams(plan, { env: env() })
  expect(move.code).toBe(6)
  expect(move.stderr).toContain(`boletia-streams ${plan.join(' ')} --accept-drift --confirm streamReserva`)
  expect(
    (await boletiaStreams(['run', 'streamReserva', '--once', '--accept-drift', '--confirm', 'streamEvento'], { env: env() }))
      .code,
  ).toBe(2)
  expect(
    (await boletiaStreams(['run', 'streamReserva', '--once', '--accept-drift', '--confirm', 'streamReserva'], { env: env() }))
      .code,
  ).toBe(0)
})

const leased = async (name: string) => {
  const { stdout } = await boletiaStreams(['status', name, '--json'], { env: env() })
  const { state, owner, lease } = documents.status.parse(JSON.parse(stdout)).data
  return { state, owner, epoch: lease?.epoch ?? null }
}

describe('a held stream', () => {
  test('--standby waits for it and goes on when its worker ends; list and status name the owner', async () => {
    const first = start(['run', 'streamReserva'], { env: env() })
    const firstDone = ended(first)
    await vi.waitFor(async () => expect((await leased('streamReserva')).owner).toContain(`/${first.pid}/`), { timeout: 60_000 })
    const listed = await boletiaStreams(['list', 'streamR*'], { env: env() })
    expect(listed.stdout).toContain(`/${first.pid}/`)
    const refused = await boletiaStreams(['run', 'streamReserva'], { env: env() })
    expect(refused.code).toBe(5)
    expect(refused.stderr).toContain(`/${first.pid}/`)
    expect(refused.stderr).toContain('boletia-streams run streamReserva --standby')

    const second = start(['run', 'streamReserva', '--standby'], { env: env() })
    const secondDone = ended(second)
    await vi.waitFor(async () => expect((await leased('streamReserva')).owner).toContain(`/${first.pid}/`), { timeout: 60_000 })
    first.kill('SIGTERM')
    expect((await firstDone).code).toBe(0)
    await vi.waitFor(async () => expect((await leased('streamReserva')).owner).toContain(`/${second.pid}/`), { timeout: 60_000 })
    second.kill('SIGTERM')
    expect((await secondDone).code).toBe(0)
  })

  test('--take-over needs the stream’s name, and fences the live worker off: exit 5, FENCED', async () => {
    const first = start(['run', 'streamReserva', '--json'], { env: env() })
    const firstDone = ended(first)
    await vi.waitFor(async () => expect((await leased('streamReserva')).epoch).toBe(1), { timeout: 60_000 })
    const bare = await boletiaStreams(['run', 'streamReserva', '--take-over'], { env: env() })
    expect(bare.code).toBe(2)
    expect(bare.stderr).toContain('boletia-streams run streamReserva --take-over --confirm streamReserva')
    const wrong = await boletiaStreams(['run', 'streamReserva', '--take-over', '--confirm', 'streamEvento'], { env: env() })
    expect(wrong.code).toBe(2)
    expect((await boletiaStreams(['run', 'streamReserva', '--take-over', '--standby'], { env: env() })).code).toBe(2)
    expect(await leased('streamReserva')).toMatchObject({ epoch: 1 })

    const taken = await boletiaStreams(['run', 'streamReserva', '--once', '--take-over', '--confirm', 'streamReserva'], {
      env: env(),
    })
    expect(taken.code).toBe(0)
    const fenced = await firstDone
    expect({ code: fenced.code, error: failure.parse(JSON.parse(fenced.stdout)).error.code }).toEqual({
      code: 5,
      error: 'FENCED',
    })
  })
})
