// What holds for each command: one document that its contract accepts, no escape in a pipe, nothing asked of stdin, and nothing on
// stdout where no data was asked for.
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { type TestDatabase, testDatabase } from '@boletia/streams-core/testing'
import { Timestamp } from 'mongodb'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { registry } from '../src/commands/registry.js'
import { documents } from '../src/contracts/index.js'
import { type Ended, ended, fixtures, machine } from './program.js'

const launcher = fileURLToPath(new URL('../bin/boletia-streams.mjs', import.meta.url))
const cwd = path.join(fixtures, 'deadLetters')
const folder = mkdtempSync(path.join(tmpdir(), 'boletia-every-'))
const exported = path.join(folder, 'positions.json')
let database: TestDatabase
/** One that is parked. */
let letter: string

/** With a stdin that stays open and says nothing: a command that reads it would wait for ever. */
async function call(args: readonly string[]): Promise<Ended> {
  const env = { ...machine(), MONGODB_URI: database.uri }
  const child = spawn(process.execPath, [launcher, ...args], { cwd, env, stdio: ['pipe', 'pipe', 'pipe'] })
  return await ended(child)
}

beforeAll(async () => {
  database = await testDatabase(inject('mongoUri'))
  await call(['run', '--all', '--once'])
  // The first one is well: a replay of one change has one that it can do.
  const reservas = ['a', 'b', 'c', 'd', 'e'].map((evento) => ({ evento, mala: evento !== 'a', email: 'ana.planted@example.com' }))
  await database.db.collection('reservas').insertMany(reservas, { writeConcern: { w: 'majority' } })
  await call(['run', 'streamReserva', '--once'])
  const listed = await call(['dead-letters', 'list', 'streamReserva', '--json'])
  const gap = { from: new Timestamp({ t: 1, i: 0 }), to: new Timestamp({ t: 2, i: 0 }), at: new Date(3000) }
  await database.db.collection<{ _id: string }>('stream').updateOne({ _id: 'streamReserva' }, { $set: { gaps: [gap] } })
  letter = documents['dead-letters.list'].parse(JSON.parse(listed.stdout)).data.letters[0]!.id
}, 120_000)
afterAll(async () => {
  await database[Symbol.asyncDispose]()
  rmSync(folder, { recursive: true })
})

const name = 'streamReserva'
const consent = ['--execute', '--confirm', name]
const action = true

/** In this order: what one leaves behind, the next one finds. */
const calls: readonly (readonly [string, readonly string[], typeof action?])[] = [
  ['list', []],
  ['status', [name]],
  ['check', []],
  ['doctor', []],
  ['wait', [name, '--until', 'caught-up', '--timeout', '0s'], action],
  ['peek', [name, '--before', '1h']],
  ['history', [name]],
  ['token decode', [`stream:${name}`]],
  ['config show', []],
  ['config validate', [], action],
  ['help', []],
  ['version', []],
  ['completion', ['bash']],
  ['dead-letters list', [name]],
  ['dead-letters show', [name, '<id>']],
  ['dead-letters export', [name]],
  ['export', []],
  ['dead-letters discard', [name, '--limit', '1', ...consent], action],
  ['run', [name, '--once', '--log-level', 'silent'], action],
  ['pause', [name, '--reason', 'a test'], action],
  ['resume', [name], action],
  ['replay', [name, '--from', 'earliest', '--limit', '1', '--execute', '--yes'], action],
  ['repair', [name, '--where', '{"evento":"a"}', '--execute', '--yes'], action],
  ['reset', [name, '--to', 'latest', ...consent], action],
  ['reset-token', [name, ...consent], action],
  ['import', [exported, '--execute', '--yes', '--confirm', name, '--confirm', 'streamDetenido'], action],
  ['delete', [name, ...consent], action],
  ['init', [], action],
]
// tail has no end, and skip and redrive need a world of their own: their files are named.
const elsewhere = ['tail', 'skip', 'dead-letters redrive']

test('each command is called here, or has a file of its own', () => {
  expect(registry.map((entry) => entry.name).sort()).toEqual([...calls.map(([command]) => command), ...elsewhere].sort())
})

const each = calls.map(([command, args, acts]) => ({ command, args, acts }))

test.each(each)('$command', async ({ command, args, acts }) => {
  const given =
    command === 'init' ? [path.join(folder, 'new')] : args.map((argument) => (argument === '<id>' ? letter : argument))
  const called = [...command.split(' '), ...given]
  // What it says to a person comes first, for the plain form; an action is then planned once more for its document.
  const plain = await call(called)
  expect(plain.stdout + plain.stderr).not.toContain('planted')
  expect(plain.stdout + plain.stderr).not.toContain('\u001B')
  expect(plain).toMatchObject({ code: expect.toSatisfy((code: number) => [0, 10, 11].includes(code)) as number })
  if (acts) expect(plain.stdout).toBe('')
  else expect(plain.stdout).not.toBe('')

  // There is nothing left to delete; its plan for another stream has the same document.
  const again = command === 'init' ? [path.join(folder, 'other')] : command === 'delete' ? ['streamDetenido'] : given
  const { stdout, stderr } = await call([...command.split(' '), ...again, '--json'])
  expect(stdout.trimEnd()).not.toContain('\n')
  const schema = command.replace(' ', '.') as keyof typeof documents
  const document = documents[schema].parse(JSON.parse(stdout))
  expect(document.schema).toBe(`boletia-streams/${schema}@1`)
  expect(stdout + stderr).not.toContain('planted')
  expect(stdout + stderr).not.toContain('\u001B')
  if (command === 'export') writeFileSync(exported, JSON.stringify((JSON.parse(stdout) as { data: object }).data))
})
