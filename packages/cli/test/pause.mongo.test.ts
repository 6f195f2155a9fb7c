import { type TestDatabase, testDatabase } from '@boletia/streams-core/testing'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { documents } from '../src/contracts/index.js'
import { boletiaStreams, ended, start } from './program.js'

let database: TestDatabase
const call = async (...args: string[]) => {
  const { code, stdout, stderr } = await boletiaStreams(args, { env: { MONGODB_URI: database.uri } })
  expect({ code, stderr }).toMatchObject({ code: 0 })
  return { stdout, stderr }
}
const status = async () => documents.status.parse(JSON.parse((await call('status', 'streamReserva', '--json')).stdout)).data

beforeAll(async () => {
  database = await testDatabase(inject('mongoUri'))
  await call('run', 'streamReserva', '--once')
}, 120_000)
afterAll(async () => await database[Symbol.asyncDispose]())

test('pause and resume are done at once, leave stdout empty, and print an undo that undoes', async () => {
  const paused = await call('pause', 'streamReserva', '--reason', 'maintenance', '--until', '45m')
  expect(paused.stdout).toBe('')
  expect(paused.stderr).toContain('undo: boletia-streams resume streamReserva')
  expect(await status()).toMatchObject({ state: 'paused', paused: 'maintenance' })
  expect((await call('status', 'streamReserva')).stdout).toMatch(/^paused +maintenance \(until \d{4}-\S+Z\)$/m)

  const resumed = await call('resume', 'streamReserva')
  expect(resumed.stdout).toBe('')
  const undo = /^undo: (.*)$/m.exec(resumed.stderr)?.[1] ?? ''
  expect(undo).toMatch(/^boletia-streams pause streamReserva --reason maintenance --until \d{4}-\S+Z$/)
  expect(await status()).toMatchObject({ state: 'stopped', paused: null })
  await call(...undo.split(' ').slice(1))
  expect(await status()).toMatchObject({ state: 'paused', paused: 'maintenance' })
})

test('their JSON is the contract', async () => {
  const { stdout } = await call('pause', 'streamReserva', '--reason', 'x', '--json')
  expect(documents.pause.parse(JSON.parse(stdout)).data).toMatchObject({ reason: 'x', until: null, owner: null })
  const resume = async () => documents.resume.parse(JSON.parse((await call('resume', 'streamReserva', '--json')).stdout)).data
  expect(await resume()).toMatchObject({ resumed: true, was: { reason: 'x', until: null } })
  expect(await resume()).toEqual({ name: 'streamReserva', resumed: false, was: null, halt: null, owner: null, undo: null })
})

test('wait --until paused ends when no worker has a change in hand: its owner says that it holds still, or nobody holds it', async () => {
  const wait = async (timeout: string) => {
    const args = ['wait', 'streamReserva', '--until', 'paused', '--timeout', timeout, '--json']
    const { code, stdout } = await boletiaStreams(args, { env: { MONGODB_URI: database.uri } })
    return { code, reached: documents.wait.parse(JSON.parse(stdout)).data.reached }
  }
  expect(await wait('0s')).toEqual({ code: 11, reached: false })

  const worker = start(['run', 'streamReserva'], { env: { MONGODB_URI: database.uri } })
  const over = ended(worker)
  await expect.poll(async () => (await status()).state, { timeout: 30_000 }).toMatch(/^(running|idle)$/)
  await call('pause', 'streamReserva', '--reason', 'new index')
  expect(await wait('60s')).toEqual({ code: 0, reached: true })
  expect((await status()).pauseSeenAt).not.toBeNull()
  worker.kill('SIGTERM')
  expect(await over).toMatchObject({ code: 0 })
  expect(await wait('0s')).toEqual({ code: 0, reached: true })

  // Another worker has just taken it, with what the former one said: it has not looked yet.
  const owner = 'otro/1/abcdef'
  const one = { _id: 'streamReserva' as never }
  await database.db.collection('stream.leases').updateOne(one, { $set: { owner, until: new Date(Date.now() + 600_000) } })
  expect(await wait('0s')).toEqual({ code: 11, reached: false })
  await database.db.collection('stream').updateOne(one, { $set: { 'pauseSeen.by': owner } })
  expect(await wait('0s')).toEqual({ code: 0, reached: true })
})
