// The commands that only look, with their recorded outputs.
import { type TestDatabase, testDatabase } from '@boletia/streams-core/testing'
import { Decimal128, type Document } from 'mongodb'
import path from 'node:path'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { documents } from '../src/contracts/index.js'
import { expectGolden } from './golden.js'
import { boletiaStreams, fixtures } from './program.js'

let database: TestDatabase
const call = async (...args: string[]) => {
  const { code, stdout, stderr } = await boletiaStreams(args, { env: { MONGODB_URI: database.uri } })
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  return stdout
}
const collections = async (): Promise<Document[]> => await database.db.collection('stream').find().toArray()

beforeAll(async () => {
  database = await testDatabase(inject('mongoUri'))
  const run = async () => await boletiaStreams(['run', 'streamReserva', '--once'], { env: { MONGODB_URI: database.uri } })
  await run()
  await database.db.collection<{ _id: string }>('reservas').insertOne({ _id: 'r1' }, { writeConcern: { w: 'majority' } })
  await boletiaStreams(['run', 'streamReserva', '--max', '1'], { env: { MONGODB_URI: database.uri } })
  await boletiaStreams(['reset', 'streamReserva', '--by', '-1m', '--execute', '--reason', 'mail outage'], {
    env: { MONGODB_URI: database.uri },
  })
  await boletiaStreams(['reset', 'streamReserva', '--to', 'prev', '--execute', '--confirm', 'streamReserva'], {
    env: { MONGODB_URI: database.uri },
  })
}, 120_000)
afterAll(async () => await database[Symbol.asyncDispose]())

test.each([
  ['list', ['list']],
  ['ls-glob', ['ls', 'stream[RN]*']],
  ['status', ['status', 'streamReserva']],
  ['status-new', ['status', 'streamEvento']],
  ['history', ['history', 'streamReserva']],
  ['token-decode', ['token', 'decode', 'stream:streamReserva']],
])('%s prints what was recorded, and changes nothing', async (name, args) => {
  const before = await collections()
  expectGolden(`${name}.txt`, await call(...args))
  expect(await collections()).toEqual(before)
})

test('list --json has every stream with every field of the contract', async () => {
  const json = await call('list', '--json')
  const { streams } = documents.list.parse(JSON.parse(json)).data
  expect(streams.map(({ name, state }) => `${name} ${state}`)).toEqual([
    'streamEvento new',
    'streamFalla new',
    'streamNotificacion new',
    'streamProyecta new',
    'streamReserva stopped',
  ])
  expectGolden('list.json', json)
})

test('status --json is one of list’s', async () => {
  const { data } = documents.status.parse(JSON.parse(await call('status', 'streamReserva', '--json')))
  const { streams } = documents.list.parse(JSON.parse(await call('list', 'streamReserva', '--json'))).data
  // They are asked for at different moments.
  const steady = ({ lagMs: _lag, headroomMs: _headroom, ...rest }: typeof data) => rest
  expect(streams.map(steady)).toEqual([steady(data)])
})

test('token decode by name and by hex say the same, with the document key', async () => {
  const byName = documents['token.decode'].parse(JSON.parse(await call('token', 'decode', 'stream:streamReserva', '--json'))).data
  expect(byName).toMatchObject({ type: 'event', documentKey: { _id: 'r1' } })
  for (const written of [byName.token, `token:${byName.token}`]) {
    const decoded = await boletiaStreams(['token', 'decode', written, '--json'])
    expect(documents['token.decode'].parse(JSON.parse(decoded.stdout)).data, 'needs neither a server nor a config').toEqual(
      byName,
    )
  }
})

test('a saved token keeps what its hex alone has lost: the type of a number', async () => {
  await using other = await testDatabase(inject('mongoUri'))
  const env = { MONGODB_URI: other.uri }
  await boletiaStreams(['run', 'streamReserva', '--once'], { env })
  const price = Decimal128.fromString('1.10')
  await other.db.collection<{ _id: Decimal128 }>('reservas').insertOne({ _id: price }, { writeConcern: { w: 'majority' } })
  await boletiaStreams(['run', 'streamReserva', '--max', '1'], { env })
  const byName = await boletiaStreams(['token', 'decode', 'stream:streamReserva', '--json'], { env })
  const { token, documentKey } = documents['token.decode'].parse(JSON.parse(byName.stdout)).data
  expect(documentKey).toEqual({ _id: { $numberDecimal: '1.10' } })
  const byHex = await boletiaStreams(['token', 'decode', token, '--json'])
  expect(documents['token.decode'].parse(JSON.parse(byHex.stdout)).data.documentKey).not.toEqual(documentKey)
})

test('a TypeScript config is found from a folder below and loaded', async () => {
  const { stdout } = await boletiaStreams(['list', '--json'], {
    env: { MONGODB_URI: database.uri },
    cwd: path.join(fixtures, 'typescript', 'below'),
  })
  expect(documents.list.parse(JSON.parse(stdout)).data.streams.map(({ name, state }) => `${name} ${state}`)).toEqual([
    'streamReserva orphan',
    'streamTipado new',
  ])
})

test('an empty database has no streams: exit 0, and nothing on stdout', async () => {
  await using empty = await testDatabase(inject('mongoUri'))
  const { code, stdout, stderr } = await boletiaStreams(['list'], { env: { MONGODB_URI: empty.uri }, cwd: '/' })
  expect({ code, stdout }).toEqual({ code: 0, stdout: '' })
  expect(stderr).toContain('No stream is defined or saved here')
})
