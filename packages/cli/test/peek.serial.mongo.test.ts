// peek and tail: what is seen, and that nothing is touched.
// On a server of its own: how much others write decides what a look through the oplog finds in its five seconds.
import { type ReplicaSet, type TestDatabase, startReplicaSet, testDatabase } from '@boletia/streams-core/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { documents, tailRecord } from '../src/contracts/index.js'
import { expectGolden } from './golden.js'
import { boletiaStreams, ended, start } from './program.js'

const email = 'ana.planted@example.com'
const telefono = '55-planted'

let set: ReplicaSet
let database: TestDatabase
const call = async (...args: string[]) => {
  const { code, stdout, stderr } = await boletiaStreams(args, { env: { MONGODB_URI: database.uri } })
  expect({ code, stderr }).toMatchObject({ code: 0 })
  return { stdout, stderr }
}
const insert = async (_id: string) =>
  await database.db
    .collection<{ _id: string }>('reservas')
    .insertOne({ _id, email, telefono, cantidad: 2 } as { _id: string }, { writeConcern: { w: 'majority' } })
const state = async () => [
  await database.db.collection('stream').find().toArray(),
  await database.db.collection('stream.leases').find().toArray(),
  await database.db.collection('stream.history').find().toArray(),
]
const peek = async (...args: string[]) =>
  documents.peek.parse(JSON.parse((await call('peek', 'streamReserva', ...args, '--json')).stdout)).data

beforeAll(async () => {
  set = await startReplicaSet({ auth: true })
  database = await testDatabase(set.uri)
  await call('run', 'streamReserva', '--once')
  await insert('r1')
  await call('run', 'streamReserva', '--once')
  await insert('r2')
  await insert('r3')
}, 120_000)
afterAll(async () => {
  await database[Symbol.asyncDispose]()
  await set.stop()
})

test('peek shows what comes next, and with --before what came last; it touches nothing', async () => {
  const before = await state()
  expect((await peek()).changes.map(({ documentKey, settled }) => [documentKey?.['_id'], settled])).toEqual([
    ['r2', false],
    ['r3', false],
  ])
  expect((await peek('-n', '1')).changes).toHaveLength(1)
  expect((await peek('--before', '15m')).changes.map(({ documentKey, settled }) => [documentKey?.['_id'], settled])).toEqual([
    ['r1', true],
    ['r2', false],
    ['r3', false],
  ])
  expectGolden(
    'peek.txt',
    (await call('peek', 'streamReserva', '--before', '15m', '--payload')).stdout
      .replaceAll(database.name, '<database>')
      .replace(/"t":\d+,"i":\d+/g, '"t":<n>,"i":<n>'),
  )
  expect(await state()).toEqual(before)
})

test('the content comes only with --payload, and then without what the config redacts', async () => {
  const [bare] = (await peek('-n', '1')).changes
  expect(bare?.payload).toBeNull()
  const [whole] = (await peek('-n', '1', '--payload')).changes
  expect(whole?.payload).toMatchObject({
    operationType: 'insert',
    fullDocument: { _id: 'r2', cantidad: 2, email: '[redacted]', telefono: '[redacted]' },
  })
})

test('peek of a stream that never started says how to look back', async () => {
  const env = { MONGODB_URI: database.uri }
  const refused = await boletiaStreams(['peek', 'streamEvento'], { env })
  expect(refused).toMatchObject({ code: 4, stdout: '' })
  expect(refused.stderr).toContain('--before 15m')
  const { changes } = documents.peek.parse(
    JSON.parse((await call('peek', 'streamEvento', '--before', '15m', '--json')).stdout),
  ).data
  expect(changes.map(({ settled }) => settled)).toEqual([false, false, false])
})

test('tail in a pipe is a JSON object a line, from now on; it touches nothing, and a signal is a clean end', async () => {
  const before = await state()
  const child = start(['tail', 'streamReserva', '--payload'], { env: { MONGODB_URI: database.uri } })
  let shown = ''
  child.stdout?.on('data', (part: Buffer) => (shown += part.toString()))
  let told = ''
  child.stderr?.on('data', (part: Buffer) => (told += part.toString()))
  const end = ended(child)
  await expect.poll(() => told).toContain('looking at what comes from now on')
  await insert('r4')
  await expect.poll(() => shown).toContain('r4')
  child.kill('SIGTERM')
  const { code, stdout, stderr } = await end
  expect(code).toBe(0)
  const records = stdout
    .trimEnd()
    .split('\n')
    .map((line) => tailRecord.parse(JSON.parse(line)))
  expect(records.map(({ documentKey }) => documentKey)).toEqual([{ _id: 'r4' }])
  expect(stdout + stderr).not.toContain('planted')
  expect(stdout + stderr).not.toContain('\u001B')
  expect(await state()).toEqual(before)
})

test('tail -n ends after so many, and as text when it is told so', async () => {
  const child = start(['tail', 'streamReserva', '-n', '1', '--output', 'text'], { env: { MONGODB_URI: database.uri } })
  const end = ended(child)
  let told = ''
  child.stderr?.on('data', (part: Buffer) => (told += part.toString()))
  await expect.poll(() => told).toContain('looking at what comes from now on')
  await insert('r5')
  const { code, stdout } = await end
  expect({ code, stdout }).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^\S+Z {2}insert {2}\{"_id":"r5"\}\n$/) as string,
  })
})
