// delete, export, import: from the plan to the undo, with the real program.
// On a server of its own: how much others write decides what a look through the oplog finds in its two seconds.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { defineStream, runStream } from '@boletia/streams-core'
import { type ReplicaSet, type TestDatabase, startReplicaSet, testDatabase } from '@boletia/streams-core/testing'
import { ObjectId } from 'mongodb'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { documents } from '../src/contracts/index.js'
import { expectGolden } from './golden.js'
import { boletiaStreams } from './program.js'

let set: ReplicaSet
let database: TestDatabase
let folder: string
const any = async (...args: string[]) => await boletiaStreams(args, { env: { MONGODB_URI: database.uri } })
const call = async (...args: string[]) => {
  const { code, stdout, stderr } = await any(...args)
  expect({ code, stderr }).toMatchObject({ code: 0 })
  return { stdout, stderr }
}
const undoIn = (text: string) => /^undo: boletia-streams (.*)$/m.exec(text)?.[1]?.split(' ') ?? []
const masked = (text: string) => text.replace(/\(rev \d+\)|--if-rev \d+/g, (found) => found.replace(/\d+/, '<rev>'))
const exported = async () => {
  const file = path.join(folder, `${new ObjectId().toHexString()}.json`)
  await writeFile(file, (await call('export')).stdout)
  return file
}
const token = async () => {
  const data = documents.export.parse(JSON.parse((await call('export', 'streamReserva', '--json')).stdout)).data
  return data.format === 'boletia-streams' ? data.streams[0]?.position.token : null
}

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'boletia-positions-'))
  set = await startReplicaSet({ auth: true })
  database = await testDatabase(set.uri)
  await call('run', 'streamReserva', '--once')
  await database.db.collection('reservas').insertOne({}, { writeConcern: { w: 'majority' } })
  await call('run', 'streamReserva', '--once')
}, 120_000)
afterAll(async () => {
  await database[Symbol.asyncDispose]()
  await set.stop()
  await rm(folder, { recursive: true })
})

test('delete plans, wants the name, leaves stdout empty, and its undo brings the position back', async () => {
  const before = await token()
  const plan = await call('delete', 'streamReserva')
  expectGolden('delete-plan.txt', masked(plan.stdout))
  expect(await token()).toBe(before)
  const refused = await any('delete', 'streamReserva', '--execute')
  expect(refused).toMatchObject({ code: 2, stdout: '' })
  expect(refused.stderr).toContain('[CONSENT_MISSING]')
  expect(await token()).toBe(before)

  const done = await call('delete', 'streamReserva', '--execute', '--confirm', 'streamReserva', '--reason', 'test')
  expect(done.stdout).toBe('')
  expect(await any('export', 'streamReserva')).toMatchObject({ code: 4, stdout: '' })
  expect((await call('status', 'streamReserva')).stdout).toMatch(/^state +new$/m)
  expect((await call('history', 'streamReserva')).stdout).toContain('delete')
  await call(...undoIn(done.stderr))
  expect(await token()).toBe(before)
})

test('a reason is quoted in the command that applies a plan: pasted into a shell, it is the reason that was given', async () => {
  const reason = `it is "old", see $HOME & Ana's note`
  const quoted = String.raw`--reason 'it is "old", see $HOME & Ana'\''s note'`
  for (const plan of [
    ['delete', 'streamReserva'],
    ['import', await exported()],
  ])
    expect((await call(...plan, '--reason', reason)).stdout).toContain(quoted)
})

test('delete of a plan that no longer holds is exit 5', async () => {
  const args = ['delete', 'streamReserva', '--execute', '--confirm', 'streamReserva', '--if-rev', '99999']
  expect(await any(...args)).toMatchObject({ code: 5, stdout: '' })
})

test('their JSON is the contract, the file of export the same with and without --json', async () => {
  const plan = documents.delete.parse(JSON.parse((await call('delete', 'streamReserva', '--json')).stdout)).data
  expect(plan).toMatchObject({ executed: false, undo: null })
  const { data } = documents.export.parse(JSON.parse((await call('export', '--json')).stdout))
  expect(JSON.parse((await call('export')).stdout)).toEqual(data)
  const file = await exported()
  const planned = documents.import.parse(JSON.parse((await call('import', file, '--json')).stdout)).data
  expect(planned).toMatchObject({ executed: false, streams: [{ name: 'streamReserva', direction: 'none' }] })
})

test('import forwards needs --confirm of each stream; backwards it delivers again; both print an undo that undoes', async () => {
  const later = await exported()
  const at = await token()
  await call('reset', 'streamReserva', '--to', '-1h', '--execute')
  const earlier = await exported()
  const refused = await any('import', later, '--execute', '--yes')
  expect(refused).toMatchObject({ code: 2, stdout: '' })
  expect(refused.stderr).toContain('--confirm streamReserva')
  const skipped = await call('import', later, '--execute', '--confirm', 'streamReserva')
  expect(skipped.stdout).toBe('')
  expect(await token()).toBe(at)
  await call(...undoIn(skipped.stderr))
  expect(await token()).not.toBe(at)
  await call('import', later, '--execute', '--confirm', 'streamReserva')
  expectGolden('import-plan.txt', masked((await call('import', earlier)).stdout).replaceAll(earlier, '<file>'))
  const back = await call('import', earlier, '--execute')
  await call(...undoIn(back.stderr))
  expect(await token()).toBe(at)
})

test.each([
  ['no file', 'none.json', null],
  ['no JSON', 'text.json', 'token'],
  ['something else', 'other.json', '{"format":"boletia-streams","streams":[{"name":"x"}]}'],
])('import of %s is exit 2, and says what it wants', async (_what, name, content) => {
  const file = path.join(folder, name)
  if (content !== null) await writeFile(file, content)
  const { code, stdout, stderr } = await any('import', file)
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
  expect(stderr).toContain('boletia-streams help import')
})

test('import of another stream’s or cluster’s position is refused whole, by its name', async () => {
  const file = await exported()
  const content = await readFile(file, 'utf8')
  await writeFile(file, content.replace('"streamReserva"', '"streamReservas"'))
  const unknown = await any('import', file, '--execute')
  expect(unknown).toMatchObject({ code: 4, stdout: '' })
  expect(unknown.stderr).toContain('did you mean streamReserva')
})

test('export --go prints documents that the older service reads, and that this one adopts', async () => {
  const { stdout } = await call('export', '--go')
  const [line, ...more] = stdout.trimEnd().split('\n')
  expect(more).toEqual([])
  expect(JSON.parse(line ?? '')).toEqual({ stream: 'streamReserva', token: await token() })
  await using other = await testDatabase(set.uri)
  await other.db.collection('stream').insertOne(JSON.parse(line ?? '') as object)
  const { code } = await boletiaStreams(['run', 'streamReserva', '--once'], { env: { MONGODB_URI: other.uri } })
  expect(code).toBe(0)
  expect(await other.db.collection('stream').findOne({ _id: 'streamReserva' as never })).toHaveProperty('adopted.token')
})

test('a stream in the midst of its backfill is left out of an export, with a warning: put back, it would never see the documents that are left', async () => {
  await using own = await testDatabase(set.uri)
  await own.db.collection<{ _id: number }>('documents').insertMany([{ _id: 1 }, { _id: 2 }], { writeConcern: { w: 'majority' } })
  const stream = defineStream({ name: 'copies', watch: { collection: 'documents' }, start: 'backfill', handle: () => undefined })
  await runStream(stream, { client: own.client, max: 1 }).done
  const outside = async () => await boletiaStreams(['export'], { env: { MONGODB_URI: own.uri } })
  const alone = await outside()
  expect(alone).toMatchObject({ code: 4, stdout: '' })
  expect(alone.stderr).toContain('copies: left out, because its backfill is not done')
  await runStream({ ...stream, name: 'other', start: 'now' }, { client: own.client, until: 'caught-up' }).done
  const beside = await outside()
  expect(beside).toMatchObject({ code: 0 })
  expect(beside.stderr).toContain('copies: left out')
  expect(beside.stdout).toContain('"other"')
  expect(beside.stdout).not.toContain('copies')
})
