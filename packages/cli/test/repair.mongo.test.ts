import { type TestDatabase, testDatabase } from '@boletia/streams-core/testing'
import { Timestamp } from 'mongodb'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { documents, failure } from '../src/contracts/index.js'
import { expectGolden } from './golden.js'
import { boletiaStreams } from './program.js'

let database: TestDatabase
const call = async (...args: string[]) => await boletiaStreams(args, { env: { MONGODB_URI: database.uri } })
const repair = async (...args: string[]) => {
  const { code, stdout } = await call('repair', 'streamReserva', ...args, '--json')
  expect(code).toBe(0)
  return documents.repair.parse(JSON.parse(stdout)).data
}
const refused = async (...args: string[]) => {
  const { code, stdout } = await call('repair', ...args, '--json')
  const { error } = failure.parse(JSON.parse(stdout))
  return { code, error: error.code, message: `${error.message} ${error.why}` }
}
const saved = async () => await database.db.collection('stream').find().toArray()
/** What `runtime/lostHistory.ts` records; how it comes about is tested in streams-core (faults/lostHistory). */
const gapAt = (seconds: number) => ({
  from: new Timestamp({ t: 1000 + seconds, i: 0 }),
  to: new Timestamp({ t: 1001 + seconds, i: 0 }),
  at: new Date(1_800_000_000_000 + seconds * 1000),
})

beforeAll(async () => {
  database = await testDatabase(inject('mongoUri'))
  const reservas = database.db.collection<{ _id: string; n: number }>('reservas')
  await reservas.insertMany(['r1', 'r2', 'r3'].map((_id, n) => ({ _id, n })))
  await call('run', 'streamReserva', 'streamNotificacion', '--once')
}, 60_000)
afterAll(async () => await database[Symbol.asyncDispose]())

test('without a gap there is nothing to repair: exit 4', async () => {
  expect(await refused('streamReserva', '--where', '{}')).toMatchObject({ code: 4, error: 'EMPTY_SELECTION' })
  expect(await refused('streamReserv', '--where', '{}')).toMatchObject({ code: 4, error: 'UNKNOWN_STREAM' })
})

test('a plan counts what matches, shows the first keys and the command that applies it, and delivers nothing', async () => {
  await database.db.collection('stream').updateMany({}, { $set: { gaps: [gapAt(0), gapAt(60)] } })
  const before = await saved()
  const { code, stdout, stderr } = await call('repair', 'streamReserva', '--where', '{"n":{"$gte":1}}', '--rate', '50/s')
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  expect(stdout).toContain('2 documents will be delivered as they are now')
  expect(stdout).toContain(`apply: boletia-streams repair streamReserva --where '{"n":{"$gte":1}}' --rate 50/s --execute`)
  expectGolden('repair-plan.txt', stdout)
  expect(await repair('--where', '{}')).toMatchObject({ count: 3, exact: true, executed: false, delivered: 0 })
  expect(await saved()).toEqual(before)
  expect((await call('status', 'streamReserva')).stdout).toContain('boletia-streams help repair')
})

test('a condition that nothing matches is exit 4, executed too; the whole of an empty collection is said, and exit 0', async () => {
  for (const more of [[], ['--execute', '--yes']])
    expect(await refused('streamReserva', '--where', '{"n":7}', ...more)).toMatchObject({ code: 4, error: 'EMPTY_SELECTION' })
  const reservas = database.db.collection('reservas')
  const all = await reservas.find().toArray()
  await reservas.deleteMany({}, { writeConcern: { w: 'majority' } })
  const none = await call('repair', 'streamReserva', '--where', '{}', '--execute', '--yes')
  expect(none).toMatchObject({ code: 0, stdout: '' })
  expect(none.stderr).toContain('streamReserva: there is no document to deliver; nothing was done.')
  await reservas.insertMany(all, { writeConcern: { w: 'majority' } })
})

test('executed, it delivers the documents that match and leaves the saved positions where they are', async () => {
  const before = await saved()
  expect(await repair('--where', '{}', '--execute')).toMatchObject({ executed: true, delivered: 3, skipped: 0, failed: 0 })
  expect(await repair('--where', '{"$or":[{"n":0},{"_id":"r3"}]}', '--execute')).toMatchObject({ count: 2, delivered: 2 })
  expect(await repair('--where', '{}', '--limit', '1', '--execute')).toMatchObject({ count: 1, delivered: 1 })
  expect(await repair('--where', '{}', '--gap', gapAt(0).at.toISOString(), '--execute')).toMatchObject({
    gap: { at: gapAt(0).at.toISOString() },
    delivered: 3,
  })
  expect(await saved()).toEqual(before)
})

test('a handler that declares onReplay: skip is not called without --side-effects', async () => {
  const plain = await call('repair', 'streamNotificacion', '--where', '{}', '--execute')
  expect(plain).toMatchObject({ code: 0, stdout: '' })
  expect(plain.stderr).toContain('--side-effects')
  expect(plain.stderr).toContain('0 delivered, 3 skipped')
})

test.each([
  [[], 'Give --where'],
  [['--where', 'n=1'], 'this is no JSON'],
  [['--where', '[]'], 'this is no document'],
  [['--where', '{"$expr":{"$gt":["$n",1]}}'], '$expr cannot be used here'],
  [['--where', '{"n":{"$above":1}}'], 'unknown operator: $above'],
  [['--where', '{}', '--gap', '2027-01-15'], 'has no zone'],
  [['--where', '{}', '--rate', '5'], 'is not a rate'],
])('%j is exit 2: %s', async (args, why) => {
  const { code, message } = await refused('streamReserva', ...args)
  expect(code).toBe(2)
  expect(message).toContain(why)
})

test('a gap that is not recorded is exit 4', async () => {
  expect(await refused('streamReserva', '--where', '{}', '--gap', '2020-01-01T00:00:00Z')).toMatchObject({ code: 4 })
})
