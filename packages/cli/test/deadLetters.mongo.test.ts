import path from 'node:path'
import { type TestDatabase, testDatabase } from '@boletia/streams-core/testing'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { documents, failure } from '../src/contracts/index.js'
import { boletiaStreams, fixtures } from './program.js'

const cwd = path.join(fixtures, 'deadLetters')
let database: TestDatabase
const call = async (args: string[], env = {}) => await boletiaStreams(args, { cwd, env: { MONGODB_URI: database.uri, ...env } })
const list = async (...args: string[]) => {
  const { stdout } = await call(['dead-letters', 'list', 'streamReserva', ...args, '--json'])
  return documents['dead-letters.list'].parse(JSON.parse(stdout)).data.letters
}

beforeAll(async () => {
  database = await testDatabase(inject('mongoUri'))
  await call(['run', 'streamReserva', '--once'])
  const reservas = database.db.collection<{ _id: string; evento: string; mala?: boolean; email?: string }>('reservas')
  await reservas.insertMany(
    [
      { _id: 'r1', evento: 'a' },
      { _id: 'r2', evento: 'b', mala: true, email: 'ana@example.org' },
      { _id: 'r3', evento: 'b' },
      { _id: 'r4', evento: 'c', mala: true },
    ],
    { writeConcern: { w: 'majority' } },
  )
}, 120_000)
afterAll(async () => await database[Symbol.asyncDispose]())

test('a run tells how many it parked and held, and so does the status', async () => {
  const { code, stdout } = await call(['run', 'streamReserva', '--once', '--json'])
  expect(code).toBe(0)
  expect(documents.run.parse(JSON.parse(stdout)).data.streams).toMatchObject([{ handled: 1, parked: 2, held: 1 }])
  expect((await call(['status', 'streamReserva'])).stdout).toMatch(/^parked +2, and 1 held behind them$/m)
})

test('why a change was parked is in the log of the run, redacted; the stack when it is asked for; what is saved has the name alone', async () => {
  const at = async (...args: string[]) => {
    await using other = await testDatabase(inject('mongoUri'))
    const options = { cwd, env: { MONGODB_URI: other.uri } }
    await boletiaStreams(['run', 'streamCallado', '--once'], options)
    const mala = { _id: 'r1', evento: 'a', mala: true, email: 'ana@example.org' }
    await other.db.collection<{ _id: string }>('reservas').insertOne(mala, { writeConcern: { w: 'majority' } })
    const { stderr } = await boletiaStreams(['run', 'streamCallado', '--once', '--log-format', 'json', ...args], options)
    const again = await boletiaStreams(['dead-letters', 'redrive', 'streamCallado', '--execute', '--yes'], options)
    const show = await boletiaStreams(['dead-letters', 'show', 'streamCallado'], options)
    expect(stderr + again.stderr + show.stdout).not.toContain('ana@')
    expect(show.stdout).not.toContain('no such event')
    expect(again.stderr).toMatch(/no such event.*put back, it failed again/)
    const records = stderr.split('\n').filter((line) => line.startsWith('{'))
    return records.map((line) => JSON.parse(line) as Record<string, unknown>).filter((record) => 'error' in record)
  }
  const told = { error: 'Rechazada', code: null, message: 'no such event for [redacted]' }
  const parked = 'parked; later changes of its key are held'
  const plain = await at()
  expect(plain).toMatchObject([
    { ...told, attempt: 1, msg: 'an attempt failed' },
    { ...told, msg: parked },
  ])
  expect(plain.filter((record) => 'stack' in record)).toEqual([])
  const verbose = await at('--verbose')
  expect(verbose).toHaveLength(2)
  for (const record of verbose) expect(record['stack']).toMatch(/^Rechazada: no such event for \[redacted\]\n +at /)
})

test('list has them in stream order, chosen by error, document, time and number; dlq is short for it', async () => {
  expect((await list()).map(({ documentId, state, error }) => [documentId, state, error?.name])).toEqual([
    ['r2', 'parked', 'Rechazada'],
    ['r3', 'held', undefined],
    ['r4', 'parked', 'Rechazada'],
  ])
  const ids = async (...args: string[]) => (await list(...args)).map(({ documentId }) => documentId)
  expect(await ids('--error', 'Rechazada')).toEqual(['r2', 'r4'])
  expect(await ids('--doc', 'r3')).toEqual(['r3'])
  expect(await ids('--limit', '1')).toEqual(['r2'])
  expect(await ids('--since', '-1h')).toHaveLength(3)
  const short = await call(['dlq', 'list', 'streamReserva'])
  expect(short.stdout).toContain('Rechazada')
  expect(short.stdout.split('\n')[0]).toMatch(/^ID +STATE +TIME +OPERATION +DOCUMENT +ERROR$/)
})

test('show and export have the change without what the config redacts; an id of no letter is exit 4', async () => {
  const [first] = await list()
  const shown = await call(['dead-letters', 'show', 'streamReserva', first!.id])
  expect(shown.stdout).toContain('"mala": true')
  expect(shown.stdout).not.toContain('ana@example.org')
  const exported = await call(['dead-letters', 'export', 'streamReserva'])
  expect(
    exported.stdout
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as { documentId: string }).documentId),
  ).toEqual(['r2', 'r3', 'r4'])
  expect(exported.stdout).not.toContain('ana@example.org')
  expect(await call(['dead-letters', 'show', 'streamReserva', 'nothing'])).toMatchObject({ code: 4, stdout: '' })
  const two = await call(['dead-letters', 'show', 'streamReserva', '--error', 'Rechazada', '--json'])
  expect(documents['dead-letters.show'].parse(JSON.parse(two.stdout)).data.letters).toHaveLength(2)
})

test('what chooses nothing is exit 4, and says that others are parked; a time to come is exit 6', async () => {
  const choices = [['nothing'], ['--error', 'Otro'], ['--doc', 'r9'], ['--since', '2020-01-01T00:00:00Z', '--error', 'Otro']]
  for (const verb of ['list', 'redrive', 'discard'])
    for (const choice of verb === 'list' ? choices : choices.slice(0, 2)) {
      const empty = await call(['dead-letters', verb, 'streamReserva', ...choice])
      expect(empty).toMatchObject({ code: 4, stdout: '' })
      expect(empty.stderr).toContain('[EMPTY_SELECTION]')
      expect(empty.stderr).toContain('others are parked')
      expect(empty.stderr).not.toContain('nothing is parked')
    }
  const none = await call(['dead-letters', 'list', 'streamDetenido', '--error', 'Otro'])
  expect(none).toMatchObject({ code: 4, stdout: '' })
  expect(none.stderr).toContain('nothing is parked')
  expect(await call(['dead-letters', 'list', 'streamDetenido'])).toMatchObject({ code: 0, stdout: '' })
  const future = await call(['dead-letters', 'list', 'streamReserva', '--since', '2199-01-01T00:00:00Z'])
  expect(future).toMatchObject({ code: 6, stdout: '' })
  expect(future.stderr).toContain('boletia-streams dead-letters list streamReserva --since -10m')
})

test('JSON as text is the same as with --json, also where a name that the config redacts is one of its own', async () => {
  const both = async (...args: string[]) => {
    const [text, json] = await Promise.all([call(args), call([...args, '--json'])])
    return { text: text.stdout, data: (JSON.parse(json.stdout) as { data: Record<string, unknown> }).data }
  }
  const positions = await both('export')
  expect(JSON.parse(positions.text)).toEqual(positions.data)
  expect(positions.data).toMatchObject({ streams: [{ name: 'streamReserva' }] })
  const letters = await both('dead-letters', 'export', 'streamReserva', '--limit', '1')
  expect([JSON.parse(letters.text)]).toEqual(letters.data['letters'])
  expect(letters.data['letters']).toMatchObject([{ error: { name: 'Rechazada' } }])
  const [first] = await list()
  const shown = await both('dead-letters', 'show', 'streamReserva', first!.id)
  expect([JSON.parse(shown.text)]).toEqual(shown.data['letters'])
  const role = await both('doctor', '--role')
  expect(JSON.parse(/runCommand\((.*)\)/s.exec(role.text)?.[1] ?? '')).toEqual(role.data['role'])
  expect(role.text).toContain('"collection": "reservas"')
})

test('redrive plans first; what fails again is exit 7 and stays', async () => {
  const [, , other] = await list()
  const plan = await call(['dead-letters', 'redrive', 'streamReserva', other!.id])
  expect(plan.stdout).toContain('1 change of 1 key to the handler again, in order; no worker runs: this command does it')
  expect(plan.stdout).toContain(`apply: boletia-streams dead-letters redrive streamReserva ${other!.id} --execute`)
  expect((await list())[2]).toMatchObject({ failures: [], redrive: null })
  const { code, stdout } = await call(['dead-letters', 'redrive', 'streamReserva', other!.id, '--execute', '--json'])
  expect(code).toBe(7)
  const { error } = failure.parse(JSON.parse(stdout))
  expect(error.code).toBe('HANDLER_FAILED')
  expect(error.why).toContain('1 failed again')
  expect(error.nextActions.map(({ command }) => command)).toEqual([
    'boletia-streams dead-letters list streamReserva',
    `boletia-streams dead-letters redrive streamReserva ${other!.id} --execute --json`,
  ])
  expect((await list())[2]).toMatchObject({ failures: [{ name: 'Rechazada' }], redrive: null })
})

test('mended, a redrive of one change takes its whole key with it, in order', async () => {
  const { code, stdout } = await call(
    ['dead-letters', 'redrive', 'streamReserva', '--doc', 'r2', '--execute', '--yes', '--json'],
    { MENDED: '1' },
  )
  expect(code).toBe(0)
  expect(documents['dead-letters.redrive'].parse(JSON.parse(stdout)).data).toMatchObject({
    count: 2,
    keys: 1,
    redriven: 2,
    left: 0,
  })
  expect((await list()).map(({ documentId }) => documentId)).toEqual(['r4'])
})

test('stopped by a signal, a redrive is no failure: exit 0, what is left is counted, and the next one goes on with it', async () => {
  const reservas = database.db.collection<{ _id: string; evento: string; mala: boolean }>('reservas')
  await reservas.insertMany(
    ['s1', 's2'].map((_id) => ({ _id, evento: 's', mala: true })),
    { writeConcern: { w: 'majority' } },
  )
  await call(['run', 'streamReserva', '--once'])
  const redrive = ['dead-letters', 'redrive', 'streamReserva', '--doc', 's1', '--execute', '--yes', '--json']
  const stopped = await call(redrive, { MENDED: '1', STOPPED_AT: 's1' })
  expect(stopped).toMatchObject({ code: 0 })
  expect(documents['dead-letters.redrive'].parse(JSON.parse(stopped.stdout)).data).toMatchObject({ redriven: 1, left: 1 })
  expect(stopped.stderr).toContain('1 changes of streamReserva were handled, 1 are left')
  const left = await list()
  expect(left.map(({ documentId, redrive: mark }) => [documentId, mark === null])).toEqual([
    ['r4', true],
    ['s2', false],
  ])
  expect(await call(['run', 'streamReserva', '--once'], { MENDED: '1' })).toMatchObject({ code: 0 })
  await expect.poll(async () => (await list()).map(({ documentId }) => documentId), { timeout: 20_000 }).toEqual(['r4'])
})

test('discard needs the stream’s name, throws away what was planned, and is in the history', async () => {
  const [only] = await list()
  const discard = async (...args: string[]) => await call(['dead-letters', 'discard', 'streamReserva', only!.id, ...args])
  expect((await discard()).stdout).toContain(`${only!.id} --execute --confirm streamReserva`)
  expect(await discard('--execute')).toMatchObject({ code: 2, stdout: '' })
  expect(await list()).toHaveLength(1)
  const done = await discard('--execute', '--confirm', 'streamReserva', '--reason', 'test data', '--json')
  expect(documents['dead-letters.discard'].parse(JSON.parse(done.stdout)).data).toMatchObject({ executed: true, discarded: 1 })
  expect(await list()).toEqual([])
  expect((await call(['history', 'streamReserva'])).stdout).toContain('1 dead letters: test data')
  expect((await call(['dead-letters', 'discard', 'streamReserva'])).stderr).toContain('nothing is parked')
})

test('skip parks the change that halts a stream: the error of the run says how, a plan comes first, and the name is its consent', async () => {
  const reservas = database.db.collection<{ _id: string; evento: string; mala: boolean; email: string }>('reservas')
  await call(['run', 'streamDetenido', '--once'])
  await reservas.insertMany(
    [5, 6].map((n) => ({ _id: `r${n}`, evento: 'd', mala: n === 5, email: 'not-an-address' })),
    { writeConcern: { w: 'majority' } },
  )
  const halted = await call(['run', 'streamDetenido', '--once', '--json'])
  expect(halted.code).toBe(7)
  const next = failure.parse(JSON.parse(halted.stdout)).error.nextActions.find(({ command }) => command.includes(' skip '))!
  const [, , ...typed] = next.command.split(' ')
  const skip = async (...args: string[]) => await call(['skip', ...typed, ...args])
  expect(next.command).toMatch(/^boletia-streams skip streamDetenido --change [0-9A-F]+$/)

  const plan = await skip()
  expect(plan).toMatchObject({ code: 0 })
  expect(plan.stdout).toContain('Plan: skip a change of streamDetenido')
  expect(plan.stdout).toMatch(/apply: .*--if-rev \d+ --execute --confirm streamDetenido --reason "…"/)
  expect((await call(['dead-letters', 'list', 'streamDetenido'])).stdout).toBe('')
  expect(await skip('--execute')).toMatchObject({ code: 2, stdout: '' })
  expect(await skip('--execute', '--confirm', 'streamReserva')).toMatchObject({ code: 2, stdout: '' })

  const { data } = documents.skip.parse(
    JSON.parse((await skip('--execute', '--confirm', 'streamDetenido', '--reason', 'no such event', '--json')).stdout),
  )
  expect(data).toMatchObject({ executed: true, before: 0, change: { operationType: 'insert', documentId: 'r5' }, owner: null })
  expect(data.undo).toBe(`boletia-streams dead-letters redrive streamDetenido ${data.letter} --execute`)
  expect(
    documents.history.parse(JSON.parse((await call(['history', 'streamDetenido', '--json'])).stdout)).data.entries[0],
  ).toMatchObject({
    action: 'skip',
    reason: 'no such event',
  })
  // What the config redacts is not even stored.
  const stored = await database.db.collection('stream.deadLetters').findOne({ stream: 'streamDetenido' })
  const payload = Buffer.from((stored!['payload'] as { change: { buffer: Uint8Array } }).change.buffer).toString('latin1')
  expect(payload).toContain('[redacted]')
  expect(payload).not.toContain('not-an-address')
  const went = documents.run.parse(JSON.parse((await call(['run', 'streamDetenido', '--once', '--json'])).stdout))
  expect(went.data.streams).toMatchObject([{ handled: 0, held: 1 }])
  expect(await skip()).toMatchObject({ code: 6, stdout: '' })
  expect(await call(['skip', 'streamDetenido'])).toMatchObject({ code: 2, stdout: '' })
})
