// What is different when somebody sits there: questions, colours. A real pseudo-terminal, by Python's pty.
import { spawn } from 'node:child_process'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { type TestDatabase, testDatabase } from '@boletia/streams-core/testing'
import type { Document } from 'mongodb'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { type Ended, boletiaStreams, ended, fixtures, machine, project } from './program.js'

const pty = fileURLToPath(new URL('at_terminal.py', import.meta.url))
const launcher = fileURLToPath(new URL('../bin/boletia-streams.mjs', import.meta.url))

let database: TestDatabase
/** `stdout` is all that the terminal shows. */
async function atTerminal(args: readonly string[], { asked = '', answer = '', env = {}, cwd = project } = {}): Promise<Ended> {
  const child = spawn('python3', [pty, asked, answer, process.execPath, launcher, ...args], {
    cwd,
    env: { ...machine(), TERM: 'xterm', MONGODB_URI: database.uri, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  return await ended(child)
}
const token = async () =>
  (await database.db.collection<{ _id: string } & Document>('stream').findOne({ _id: 'streamReserva' }))?.['token'] as string

beforeAll(async () => {
  database = await testDatabase(inject('mongoUri'))
  await boletiaStreams(['run', 'streamReserva', '--once'], { env: { MONGODB_URI: database.uri } })
}, 120_000)
afterAll(async () => await database[Symbol.asyncDispose]())

describe('a rewind', () => {
  const rewind = ['reset', 'streamReserva', '--by', '-1m', '--execute']

  test.each([
    ['n', 'n'],
    ['nothing', '\r'],
    ['Ctrl-D', ''],
  ])('is asked for; %s means no: exit 3, nothing changed', async (_what, answer) => {
    const before = await token()
    const { code, stdout } = await atTerminal(rewind, { asked: '[y/N]', answer })
    expect(stdout).toContain('Plan: reset streamReserva')
    expect(stdout).toContain('DECLINED')
    expect(code).toBe(3)
    expect(await token()).toBe(before)
  })

  test('is done on y', async () => {
    const before = await token()
    expect(await atTerminal(rewind, { asked: '[y/N]', answer: 'y' })).toMatchObject({ code: 0 })
    expect(await token()).not.toBe(before)
  })

  test('is not asked for with --yes, --json, or in CI', async () => {
    for (const [extra, env] of [
      [['--yes'], {}],
      [['--json'], {}],
      [[], { CI: 'true' }],
    ] as const) {
      const { code, stdout } = await atTerminal([...rewind, ...extra], { env })
      expect({ code, asked: stdout.includes('[y/N]') }).toEqual({ code: 0, asked: false })
    }
  })

  test('without --execute is only planned: nobody is asked', async () => {
    expect((await atTerminal(rewind.slice(0, -1))).stdout).not.toContain('[y/N]')
  })
})

describe('a skip', () => {
  const skip = ['reset', 'streamReserva', '--to', 'latest', '--execute', '--yes']

  test('wants the stream’s name typed, whatever --yes says; anything else means no', async () => {
    const before = await token()
    const { code, stdout } = await atTerminal(skip, { asked: 'Type the stream’s name', answer: 'y' })
    expect(stdout).toContain('will never be delivered. Type the stream’s name')
    expect(code).toBe(3)
    expect(await token()).toBe(before)
  })

  test('is done when the name is typed', async () => {
    const before = await token()
    const done = await atTerminal(skip, { asked: 'Type the stream’s name', answer: 'streamReserva' })
    expect(done).toMatchObject({ code: 0, stdout: expect.stringContaining('undo: ') as string })
    expect(await token()).not.toBe(before)
  })
})

test('a redrive shows how far it is, and what it says stands on a line of its own', async () => {
  await using own = await testDatabase(inject('mongoUri'))
  const at = { cwd: path.join(fixtures, 'deadLetters'), env: { MONGODB_URI: own.uri } }
  await boletiaStreams(['run', 'streamReserva', '--once'], at)
  const reservas = own.db.collection('reservas')
  await reservas.insertMany([{ evento: 'a', mala: true }, { evento: 'a' }], { writeConcern: { w: 'majority' } })
  await boletiaStreams(['run', 'streamReserva', '--once'], at)
  const redrive = ['dlq', 'redrive', 'streamReserva', '--execute', '--yes']
  const { code, stdout } = await atTerminal(redrive, { ...at, env: { ...at.env, MENDED: '1' } })
  expect(code).toBe(0)
  expect(stdout).toContain('█ 2 of 2\u001B[K\r\u001B[K')
  expect(stdout).toMatch(/^Done: 2 changes/m)
}, 120_000)

describe('colours', () => {
  test('are there at a terminal, and not with NO_COLOR, TERM=dumb or CI', async () => {
    expect((await atTerminal(['list'])).stdout).toContain('\u001B[1m')
    for (const env of [{ NO_COLOR: '1' }, { TERM: 'dumb' }, { CI: 'true' }])
      expect((await atTerminal(['list'], { env })).stdout).not.toContain('\u001B')
  })

  test('are not there in a pipe, unless forced, and never in JSON', async () => {
    const env = { MONGODB_URI: database.uri }
    expect((await boletiaStreams(['list'], { env })).stdout).not.toContain('\u001B')
    expect((await boletiaStreams(['list'], { env: { ...env, FORCE_COLOR: '1' } })).stdout).toContain('\u001B[1m')
    expect((await boletiaStreams(['list', '--json'], { env: { ...env, FORCE_COLOR: '1' } })).stdout).not.toContain('\u001B')
  })
})
