// What is printed gets to where stdout was sent, or the exit says that it did not: a backup on a full disk is lost otherwise.
import { spawn } from 'node:child_process'
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { type TestDatabase, testDatabase } from '@boletia/streams-core/testing'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { failure } from '../src/contracts/index.js'
import { type Ended, boletiaStreams, ended, fixtures, launcher, machine } from './program.js'

const cwd = path.join(fixtures, 'deadLetters')
const folder = mkdtempSync(path.join(tmpdir(), 'boletia-output-'))
let database: TestDatabase
const env = () => ({ ...machine(), MONGODB_URI: database.uri })

/** With stdout on the device that is always full. */
async function ontoFull(...args: string[]): Promise<Ended> {
  const full = openSync('/dev/full', 'w')
  try {
    return await ended(spawn(process.execPath, [launcher, ...args], { cwd, env: env(), stdio: ['ignore', full, 'pipe'] }))
  } finally {
    closeSync(full)
  }
}

async function inShell(script: string): Promise<Ended> {
  const program = `'${process.execPath}' '${launcher}'`
  const line = script.replace('boletia-streams', program)
  return await ended(spawn('bash', ['-c', line], { cwd, env: env(), stdio: ['ignore', 'pipe', 'pipe'] }))
}

beforeAll(async () => {
  database = await testDatabase(inject('mongoUri'))
  const at = { cwd, env: { MONGODB_URI: database.uri } }
  await boletiaStreams(['run', '--all', '--once'], at)
  const reservas = ['a', 'b'].map((evento) => ({ evento, mala: evento === 'a' }))
  await database.db.collection('reservas').insertMany(reservas, { writeConcern: { w: 'majority' } })
  await boletiaStreams(['run', 'streamReserva', '--once'], at)
}, 120_000)
afterAll(async () => {
  await database[Symbol.asyncDispose]()
  rmSync(folder, { recursive: true })
})

test.each(['export', 'dead-letters export streamReserva', 'list', 'version', '--version', 'help'])(
  '%s onto a full disk is exit 2',
  async (line) => {
    const { code, stderr } = await ontoFull(...line.split(' '))
    expect(code).toBe(2)
    expect(stderr).toMatch(/^error {2}stdout could not be written: ENOSPC.*\[OUTPUT_FAILED\]$/m)
  },
)

test('with --json the document of the error is the last line of stderr', async () => {
  const { code, stderr } = await ontoFull('list', '--json')
  expect(code).toBe(2)
  expect(failure.parse(JSON.parse(stderr.trimEnd().split('\n').at(-1) ?? '')).error).toMatchObject({
    code: 'OUTPUT_FAILED',
    exit: 2,
  })
})

test('a command that fails for another reason keeps its exit, a monitor’s finding its own', async () => {
  expect(await ontoFull('status', 'nobody', '--json')).toMatchObject({ code: 4 })
  expect(await ontoFull('check', 'streamReserva')).toMatchObject({ code: 10 })
})

test('a worker whose lines cannot be written goes on, says so at once, and ends with exit 2', async () => {
  await database.db.collection('reservas').insertOne({ evento: 'b' }, { writeConcern: { w: 'majority' } })
  const { code, stderr } = await ontoFull('run', 'streamReserva', '--once', '--output', 'jsonl')
  expect(code).toBe(2)
  const [warned, done] = ['lines of settled changes are lost', 'streamReserva ended'].map((text) => stderr.indexOf(text))
  expect(warned).toBeGreaterThan(-1)
  expect(done).toBeGreaterThan(warned!)
})

test('a file of which only a part had room is no success', async () => {
  const file = path.join(folder, 'cut.txt')
  const { code, stderr } = await inShell(`ulimit -f 1; boletia-streams help run > '${file}'`)
  expect(statSync(file).size).toBe(1024)
  expect(code).toBe(2)
  expect(stderr).toContain('[OUTPUT_FAILED]')
})

test('a reader that has seen enough is no failure', async () => {
  const { code, stdout, stderr } = await inShell('set -o pipefail; boletia-streams help run | head -1; echo "${PIPESTATUS[0]}"')
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  expect(stdout).toMatch(/^Usage: .*\n0\n$/)
})

test('what goes into a file is whole', async () => {
  const file = path.join(folder, 'whole.txt')
  await inShell(`boletia-streams help run > '${file}'`)
  expect(readFileSync(file, 'utf8')).toBe((await boletiaStreams(['help', 'run'])).stdout)
})
