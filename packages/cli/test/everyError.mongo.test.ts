// Every error of the table, really brought about: what the world must look like for it, and the exit code of the real program.
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { type ErrorCode, errorCodes } from '@boletia/streams-core/errors'
import { type TestDatabase, testDatabase } from '@boletia/streams-core/testing'
import type { Document } from 'mongodb'
import { expect, inject, test } from 'vitest'
import { failure } from '../src/contracts/index.js'
import { type Ended, boletiaStreams, fixtures } from './program.js'

const cwd = path.join(fixtures, 'errors')
const run = ['run', 'streamReserva', '--once']

interface Case {
  readonly code: ErrorCode
  readonly what: string
  readonly args?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  /** As `env`, also at the first start. */
  readonly always?: Readonly<Record<string, string>>
  /** The position is saved when it is called. */
  arrange?(place: TestDatabase): Promise<unknown>
}

const state = (place: TestDatabase, suffix = '') => place.db.collection<{ _id: string } & Document>(`stream${suffix}`)
const insert = (place: TestDatabase, document: object) =>
  place.db.collection('reservas').insertOne({ ...document }, { writeConcern: { w: 'majority' } })
const own = { _id: 'streamReserva' }

const cases: readonly Case[] = [
  {
    code: 'INTERNAL',
    what: 'a bug outside of every promise, with an address in its message',
    arrange: (place) => insert(place, { estalla: true, email: 'ana.planted@example.com' }),
  },
  {
    code: 'SERVER_REFUSED',
    what: 'an operator that no server knows',
    args: [...run, '--accept-drift', '--confirm', 'streamReserva'],
    env: { PIPELINE: '[{"$project":{"a":{"$nonsense":1}}}]' },
  },
  {
    code: 'STATE_TOO_NEW',
    what: 'state of a newer version',
    arrange: (place) => state(place).updateOne(own, { $set: { v: 99 } }),
  },
  {
    code: 'LEASE_HELD',
    what: 'a live worker elsewhere',
    arrange: (place) =>
      state(place, '.leases').updateOne(own, { $set: { owner: 'otro/1/abcdef', until: new Date(Date.now() + 600_000) } }),
  },
  {
    code: 'OLDER_SERVICE_RUNNING',
    what: 'the older service moves on after it was taken over',
    async arrange(place) {
      const { token } = (await state(place).findOne(own)) as Document
      await place.db.collection('stream').deleteMany({})
      await place.db.collection('stream').insertOne({ stream: 'streamReserva', token })
      await boletiaStreams(run, { cwd, env: { MONGODB_URI: place.uri } })
      await insert(place, {})
      const { stdout } = await boletiaStreams(['peek', 'streamReserva', '-n', '1', '--json'], {
        cwd,
        env: { MONGODB_URI: place.uri },
      })
      const [later] = (JSON.parse(stdout) as { data: { changes: { token: string }[] } }).data.changes
      await place.db.collection('stream').updateOne({ stream: 'streamReserva' }, { $set: { token: later!.token } })
    },
  },
  {
    code: 'FINGERPRINT_CHANGED',
    what: 'another pipeline than that of the saved position',
    env: { PIPELINE: '[{"$match":{"operationType":"insert"}}]' },
  },
  {
    code: 'INVALIDATED',
    what: 'a dropped collection',
    arrange: (place) => place.admin.dropCollection('reservas'),
  },
  {
    code: 'IMAGE_MISSING',
    what: 'an update whose post-image is required and was not kept',
    always: { FULL_DOCUMENT: 'required' },
    async arrange(place) {
      await insert(place, {})
      await place.db.collection('reservas').updateOne({}, { $set: { n: 1 } }, { writeConcern: { w: 'majority' } })
    },
  },
  { code: 'HANDLER_FAILED', what: 'a handler that throws', arrange: (place) => insert(place, { mala: true }) },
  {
    code: 'PARK_FAILED',
    what: 'dead letters that the server refuses',
    env: { ON_ERROR: 'park' },
    async arrange(place) {
      await place.admin.createCollection('stream.deadLetters', { validator: { never: true } })
      await insert(place, { mala: true })
    },
  },
  {
    code: 'POSITION_MOVED',
    what: 'a plan of another revision',
    args: ['reset', 'streamReserva', '--to', 'latest', '--if-rev', '99', '--execute', '--confirm', 'streamReserva'],
  },
]

test.each(cases)(
  '$code by $what',
  async ({ code, args = run, env = {}, always = {}, arrange }) => {
    await using place = await testDatabase(inject('mongoUri'))
    await place.db.createCollection('reservas')
    const at = { cwd, env: { MONGODB_URI: place.uri, ...always } }
    expect(await boletiaStreams(run, at)).toMatchObject({ code: 0 })
    await arrange?.(place)
    const {
      code: exited,
      stdout,
      stderr,
    }: Ended = await boletiaStreams([...args, '--json', '--verbose'], {
      cwd,
      env: { ...at.env, ...env },
    })
    expect(stdout.trimEnd()).not.toContain('\n')
    const { error } = failure.parse(JSON.parse(stdout))
    expect({ exited, code: error.code, exit: error.exit }).toEqual({
      exited: errorCodes[code].exit,
      code,
      exit: errorCodes[code].exit,
    })
    // A bug is looked into with the command that met it.
    if (code === 'INTERNAL')
      expect(error.nextActions[0]?.command).toMatch(/^boletia-streams run streamReserva --once --json --verbose/)
    expect(stdout + stderr).not.toContain('planted')
    expect(stdout + stderr).not.toContain('\u001B')
    // Who crashes leaves a cursor open, as the next worker would find it.
    const left = (await state(place, '.leases').findOne(own))?.['sessions'] as object[] | undefined
    if (left?.length) await place.client.db('admin').command({ killSessions: left })
  },
  120_000,
)

/** Those that another file of this folder brings about by the real program. */
const elsewhere: Readonly<Partial<Record<ErrorCode, string>>> = {
  INVALID_OPTIONS: 'errors.mongo.test.ts',
  NO_DATABASE: 'errors.mongo.test.ts',
  CONFIG_NOT_FOUND: 'errors.mongo.test.ts',
  CONFIG_INVALID: 'errors.mongo.test.ts',
  NO_URI: 'errors.mongo.test.ts',
  USAGE: 'errors.mongo.test.ts',
  CONSENT_MISSING: 'errors.mongo.test.ts',
  UNKNOWN_STREAM: 'errors.mongo.test.ts',
  NOTHING_SAVED: 'errors.mongo.test.ts',
  EMPTY_SELECTION: 'deadLetters.mongo.test.ts',
  OUTPUT_FAILED: 'output.mongo.test.ts',
  TOKEN_UNUSABLE: 'errors.mongo.test.ts',
  FUTURE_TIME: 'errors.mongo.test.ts',
  UNREACHABLE: 'errors.mongo.test.ts',
  UNAUTHORISED: 'errors.mongo.test.ts',
  DECLINED: 'terminal.mongo.test.ts',
  FENCED: 'run.mongo.test.ts',
  NOT_A_REPLICA_SET: 'standalone.serial.mongo.test.ts',
  HISTORY_LOST: 'historyLost.serial.mongo.test.ts',
}

// A definition is made inside the config, whose error it becomes; nothing of the command starts a mongod.
const neverOfTheCommand: readonly ErrorCode[] = ['INVALID_STREAM', 'NO_MONGOD']

test('no error of the table is left out', () => {
  const here = new Set<string>([...cases.map(({ code }) => code), ...Object.keys(elsewhere), ...neverOfTheCommand])
  expect(Object.keys(errorCodes).filter((code) => !here.has(code))).toEqual([])
  for (const [code, file] of Object.entries(elsewhere))
    expect(readFileSync(path.join(import.meta.dirname, file), 'utf8')).toContain(code)
})
