// On a server of its own: how much others write decides what a look through the oplog finds in its two seconds.
import { type ReplicaSet, type TestDatabase, startReplicaSet, testDatabase } from '@boletia/streams-core/testing'
import type { Document } from 'mongodb'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { documents, failure } from '../src/contracts/index.js'
import { expectGolden } from './golden.js'
import { type Ended, boletiaStreams } from './program.js'

let set: ReplicaSet
let database: TestDatabase
const call = async (...args: string[]): Promise<Ended> => await boletiaStreams(args, { env: { MONGODB_URI: database.uri } })
/** Pastes a printed command, as a shell without anything to expand would take it. */
const paste = async (command: string): Promise<Ended> => await call(...command.replace(/^boletia-streams /, '').split(' '))
const saved = async (): Promise<Document | null> =>
  await database.db.collection<{ _id: string } & Document>('stream').findOne({ _id: 'streamReserva' })
const reset = async (...args: string[]) => {
  const { code, stdout, stderr } = await call('reset', 'streamReserva', ...args, '--json')
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  return documents.reset.parse(JSON.parse(stdout)).data
}

beforeAll(async () => {
  set = await startReplicaSet({ auth: true })
  database = await testDatabase(set.uri)
  await call('run', 'streamReserva', '--once')
  for (let n = 0; n < 3; n++) await database.db.collection('reservas').insertOne({ n }, { writeConcern: { w: 'majority' } })
  await call('run', 'streamReserva', '--once')
}, 120_000)
afterAll(async () => {
  await database[Symbol.asyncDispose]()
  await set.stop()
})

describe('a plan', () => {
  let before: Document | null
  beforeEach(async () => {
    before = await saved()
  })

  test('backwards changes nothing, and says how to apply it with everything written out', async () => {
    const { code, stdout, stderr } = await call('reset', 'streamReserva', '--to', '-1h')
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toContain('3 changes will be delivered again')
    expect(stdout).toMatch(/apply: boletia-streams reset streamReserva --to \d{4}-\S+Z --if-rev \d+ --execute --reason "…"/)
    expectGolden(
      'reset-rewind-plan.txt',
      stdout.replace(/\(rev \d+\)|--if-rev \d+/g, (text) => text.replace(/\d+/, '<rev>')),
    )
    expect(await saved()).toEqual(before)
  })

  test('forwards changes nothing, and asks for --confirm', async () => {
    const { stdout } = await call('reset', 'streamReserva', '--to', 'latest')
    expect(stdout).toContain('SKIP')
    expect(stdout).toContain('--execute --confirm streamReserva')
    expect(await saved()).toEqual(before)
  })

  test('as JSON has every field of the contract', async () => {
    const plan = await reset('--to', 'earliest')
    expect(plan).toMatchObject({
      name: 'streamReserva',
      executed: false,
      direction: 'rewind',
      changes: { count: 3, exact: true },
      lease: null,
      undo: null,
    })
    expect(await saved()).toEqual(before)
  })
})

describe('applied', () => {
  test('it moves and prints an undo, and the pasted undo undoes it', async () => {
    const before = await saved()
    const { code, stdout, stderr } = await call('reset', 'streamReserva', '--to', '-1h', '--execute', '--reason', 'mail outage')
    expect({ code, stdout }).toEqual({ code: 0, stdout: '' })
    expect(stderr).toContain('Plan: reset streamReserva')
    const moved = await saved()
    expect(moved?.['token']).not.toBe(before?.['token'])
    expect(moved?.['rev']).toBe(before?.['rev'] + 1)

    const undo = /^undo: (.*)$/m.exec(stderr)?.[1] ?? ''
    expect(undo).toBe(
      `boletia-streams reset streamReserva --to prev --if-rev ${moved?.['rev']} --execute --confirm streamReserva`,
    )
    expect((await paste(undo)).code).toBe(0)
    expect((await saved())?.['token']).toBe(before?.['token'])
  })

  test('its JSON carries the new rev and the undo', async () => {
    const { rev, executed, undo } = await reset('--by', '-10m', '--execute')
    expect({ rev, executed }).toEqual({ rev: (await saved())?.['rev'], executed: true })
    expect((await paste(undo ?? '')).code).toBe(0)
  })

  test('the history has who, when and why, the newest first', async () => {
    const { stdout } = await call('history', 'streamReserva', '--json')
    const { entries, position, previous } = documents.history.parse(JSON.parse(stdout)).data
    // The last positions saved: now, and where --to prev goes.
    expect({ position: position?.token, previous: previous?.token }).toEqual({
      position: (await saved())?.['token'],
      previous: ((await saved())?.['previous'] as { token: string } | undefined)?.token,
    })
    expect(entries.find(({ action }) => action === 'reset')?.before).toEqual(previous)
    expect(entries.map(({ reason }) => reason)).toContain('mail outage')
    const moves = entries.filter(({ action }) => action !== 'start')
    expect(moves.length).toBeGreaterThan(0)
    expect(moves.every(({ by }) => /\S@\S/.test(by))).toBe(true)
    expect(entries.at(-1)).toMatchObject({ action: 'start', rev: 0 })
    expect(entries.map(({ rev }) => rev)).toEqual([...entries].sort((a, b) => b.rev - a.rev).map(({ rev }) => rev))
    const { stdout: table } = await call('history', 'streamReserva', '--limit', '1')
    const [, ...lines] = table.trimEnd().split('\n')
    expect(lines).toHaveLength(4)
    expect(lines.slice(1).join('\n')).toMatch(/^\nsaved now .*….*\nbefore the last move .*….* \(reset streamReserva --to prev\)$/)
  })

  test('a plan of an older rev is refused with 5 and moves nothing', async () => {
    const { rev } = await reset('--to', '-1h')
    await call('reset', 'streamReserva', '--by', '-1s', '--execute')
    const before = await saved()
    const { code, stdout } = await call('reset', 'streamReserva', '--to', '-1h', '--if-rev', String(rev), '--execute', '--json')
    expect({ code, error: failure.parse(JSON.parse(stdout)).error.code }).toEqual({ code: 5, error: 'POSITION_MOVED' })
    expect(await saved()).toEqual(before)
  })

  test('a skip without --confirm is refused with 2 and moves nothing; with it, it moves', async () => {
    await reset('--to', '-1h', '--execute')
    const before = await saved()
    for (const consent of [[], ['--yes'], ['--confirm', 'streamEvento']]) {
      const { code, stdout } = await call('reset', 'streamReserva', '--to', 'latest', '--execute', ...consent)
      expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    }
    expect(await saved()).toEqual(before)
    const done = await reset('--to', 'latest', '--execute', '--confirm', 'streamReserva')
    expect(done).toMatchObject({ executed: true, direction: 'skip', changes: { count: 3, exact: true } })
    expect(done.undo).not.toContain('--confirm')
  })

  test('every place works: a token, another stream, a time', async () => {
    const token = (await saved())?.['token'] as string
    expect(await reset('--to', `token:${token}`)).toMatchObject({ direction: 'none', to: { token } })
    expect(await reset('--to', 'stream:streamReserva')).toMatchObject({ direction: 'none' })
    const time = new Date(Date.now() - 60_000).toISOString()
    expect((await reset('--to', time)).to.clusterTime <= time).toBe(true)
  })
})

describe('reset-token', () => {
  test('plans, wants --confirm, records the start at once, and can be undone', async () => {
    await reset('--to', '-1h', '--execute')
    const before = await saved()
    const { code, stdout } = await call('reset-token', 'streamReserva')
    expect(code).toBe(0)
    expect(stdout).toContain('Plan: reset-token streamReserva')
    expect(stdout).toContain('SKIP')
    expect((await call('reset-token', 'streamReserva', '--execute', '--yes')).code).toBe(2)
    expect(await saved()).toEqual(before)

    const done = await call('reset-token', 'streamReserva', '--execute', '--confirm', 'streamReserva', '--json')
    const { data } = documents['reset-token'].parse(JSON.parse(done.stdout))
    expect((await saved())?.['token']).toBe(data.to.token)
    expect((await paste(data.undo ?? '')).code).toBe(0)
    expect((await saved())?.['token']).toBe(before?.['token'])
  })
})

test('without a config a saved stream can be looked at and moved: it is an orphan', async () => {
  const env = { MONGODB_URI: database.uri }
  const list = await boletiaStreams(['list', '--json'], { env, cwd: '/' })
  expect(documents.list.parse(JSON.parse(list.stdout)).data.streams).toMatchObject([{ name: 'streamReserva', state: 'orphan' }])
  const plan = await boletiaStreams(['reset', 'streamReserva', '--to', '-1h'], { env, cwd: '/' })
  expect(plan).toMatchObject({ code: 0 })
  const moved = await boletiaStreams(['reset', 'streamReserva', '--by', '-5m', '--execute', '--json'], { env, cwd: '/' })
  expect(documents.reset.parse(JSON.parse(moved.stdout)).data.executed).toBe(true)
  expect((await boletiaStreams(['history', 'streamReserva', '--json'], { env, cwd: '/' })).code).toBe(0)
  const decoded = await boletiaStreams(['token', 'decode', 'stream:streamReserva', '--json'], { env, cwd: '/' })
  expect(documents['token.decode'].parse(JSON.parse(decoded.stdout)).data.clusterTime).toMatch(/Z$/)
})

test('the printed command of a plan that says drift accepts it: pasted, it is done', async () => {
  for (const [action, ...where] of [['reset', '--to', 'earliest'], ['reset-token']] as const) {
    await database.db
      .collection<{ _id: string }>('stream')
      .updateOne({ _id: 'streamReserva' }, { $set: { fingerprint: 'another' } })
    const plan = await call(action, 'streamReserva', ...where)
    expect(plan.stdout).toContain('needs --accept-drift')
    const apply = /^apply: (.*)$/m.exec(plan.stdout)?.[1] ?? ''
    expect(apply).toContain('--execute --confirm streamReserva --accept-drift')
    expect(await paste(apply)).toMatchObject({ code: 0 })
    expect((await saved())?.['fingerprint']).not.toBe('another')
  }
})

test('the flags of a call are in the commands that it prints, so that they meet the same database', async () => {
  const { uri } = set
  const { stdout } = await boletiaStreams([
    'reset',
    'streamReserva',
    '--to',
    '-1h',
    '--uri',
    uri,
    '--db',
    database.name,
    '--config',
    'boletia-streams.config.mjs',
  ])
  expect(stdout).toContain(
    `--config boletia-streams.config.mjs --uri '${uri.replace(/\/\/.*@/, '//***@')}' --db ${database.name}`,
  )
})
