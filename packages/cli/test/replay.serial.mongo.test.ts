// On a server of its own: how much others write decides what a look through the oplog finds in its two seconds.
import { type ReplicaSet, type TestDatabase, startReplicaSet, testDatabase } from '@boletia/streams-core/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { documents, failure } from '../src/contracts/index.js'
import { expectGolden } from './golden.js'
import { boletiaStreams } from './program.js'

let set: ReplicaSet
let database: TestDatabase
const call = async (...args: string[]) => await boletiaStreams(args, { env: { MONGODB_URI: database.uri } })
const replay = async (name: string, ...args: string[]) => {
  const { code, stdout } = await call('replay', name, '--from', '-1h', ...args, '--json')
  expect(code).toBe(0)
  const { data, warnings } = documents.replay.parse(JSON.parse(stdout))
  return { ...data, warnings }
}
const saved = async () => await database.db.collection('stream').find().toArray()

beforeAll(async () => {
  set = await startReplicaSet({ auth: true })
  database = await testDatabase(set.uri)
  await call('run', '--all', '--once')
  const reservas = database.db.collection<{ _id: string; n?: number }>('reservas')
  for (const _id of ['r1', 'r2', 'r3']) await reservas.insertOne({ _id }, { writeConcern: { w: 'majority' } })
  await reservas.updateOne({ _id: 'r2' }, { $set: { n: 1 } }, { writeConcern: { w: 'majority' } })
  await call('run', 'streamReserva', 'streamNotificacion', '--once')
}, 120_000)
afterAll(async () => {
  await database[Symbol.asyncDispose]()
  await set.stop()
})

test('a plan counts, shows samples and the command that applies it, and delivers nothing', async () => {
  const { code, stdout, stderr } = await call('replay', 'streamReserva', '--from', '-1h', '--op', 'insert', '--rate', '50/s')
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  expect(stdout).toContain('3 changes will be delivered again')
  expect(stdout).toContain('apply: boletia-streams replay streamReserva --from -1h --rate 50/s --op insert --execute')
  expectGolden('replay-plan.txt', stdout)
  expect(await replay('streamReserva')).toMatchObject({ count: 4, exact: true, executed: false, delivered: 0 })
})

test('executed, it delivers what was planned and leaves the saved positions where they are', async () => {
  const before = await saved()
  expect(await replay('streamReserva', '--execute')).toMatchObject({ executed: true, delivered: 4, skipped: 0, failed: 0 })
  expect(await replay('streamReserva', '--execute', '--doc', 'r2')).toMatchObject({ count: 2, delivered: 2 })
  expect(await replay('streamReserva', '--execute', '--op', 'update', '--op', 'delete')).toMatchObject({ delivered: 1 })
  expect(await replay('streamReserva', '--execute', '--limit', '2')).toMatchObject({ count: 2, delivered: 2 })
  expect(await saved()).toEqual(before)
})

test('a document or a kind of change that is not there is exit 4, executed too; an empty range is said, and exit 0', async () => {
  for (const choice of [
    ['--doc', 'nobody'],
    ['--op', 'delete'],
    ['--doc', 'r1', '--op', 'update'],
  ])
    for (const more of [[], ['--execute', '--yes']]) {
      const { code, stdout } = await call('replay', 'streamReserva', '--from', '-1h', ...choice, ...more, '--json')
      const { error } = failure.parse(JSON.parse(stdout))
      expect({ code, error: error.code }).toEqual({ code: 4, error: 'EMPTY_SELECTION' })
      expect(`${error.message} ${error.why}`).not.toContain('nobody')
    }
  const nowhere = ['replay', 'streamReserva', '--from', 'stream:streamReserva']
  const plan = await call(...nowhere)
  expect(plan.code).toBe(0)
  expect(plan.stderr).toContain('streamReserva: there is no change to deliver; nothing was done.')
  expect(plan.stdout).toContain('Plan: replay streamReserva')
  expect(plan.stdout).not.toContain('apply:')
  expect(await call(...nowhere, '--execute')).toMatchObject({ code: 0, stdout: '', stderr: plan.stderr })
})

test('a handler that declares onReplay: skip is not called, and that is said; --side-effects calls it', async () => {
  const silent = await replay('streamNotificacion', '--execute')
  expect(silent).toMatchObject({ delivered: 0, skipped: 4 })
  expect(silent.warnings.join()).toContain('--side-effects')
  expect(await replay('streamNotificacion', '--execute', '--side-effects')).toMatchObject({
    delivered: 4,
    skipped: 0,
    warnings: [],
  })
})

test('a failing handler is exit 7, with how many were delivered', async () => {
  // Its saved position must lie behind the changes: a replay never passes it.
  await call('reset', 'streamFalla', '--to', 'latest', '--execute', '--confirm', 'streamFalla')
  const { code, stdout } = await call('replay', 'streamFalla', '--from', '-1h', '--op', 'insert', '--execute', '--json')
  expect(code).toBe(7)
  const { error } = failure.parse(JSON.parse(stdout))
  expect(error.message).toContain('3 failed or were held back behind a failed one; 0 delivered')
  // Neither its run nor its position is what failed.
  expect(error.nextActions.map(({ command }) => command)).toEqual([
    'boletia-streams dead-letters list streamFalla',
    'boletia-streams replay streamFalla --from -1h --op insert --execute --json',
  ])
})

test('an end beyond the saved position, and a stream without a handler, are refused', async () => {
  await database.db.collection('reservas').insertOne({}, { writeConcern: { w: 'majority' } })
  const beyond = await call('replay', 'streamReserva', '--from', '-1h', '--until', 'latest')
  expect({ code: beyond.code, stdout: beyond.stdout }).toEqual({ code: 2, stdout: '' })
  expect(beyond.stderr).toContain('leave --until out')
  await database.db.collection<{ _id: string }>('stream').updateOne({ _id: 'streamEvento' }, [{ $set: { owner: null } }])
  const orphan = await call('replay', 'streamViejo', '--from', '-1h')
  expect(orphan.code).toBe(4)
})
