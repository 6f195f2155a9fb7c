// Each finding of doctor, brought about on a server of its own, and its fix applied where that can be done here.
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { type ReplicaSet, startReplicaSet, startStandalone } from '@boletia/streams-core/testing'
import { MongoClient } from 'mongodb'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { documents } from '../src/contracts/index.js'
import { type CallOptions, boletiaStreams, ended, fixtures, start } from './program.js'

const cwd = path.join(fixtures, 'doctor')
const database = 'boletia_doctor'
/** Where positions are; each has a role for it, called as the database. */
const states = [database, 'one_state', 'other_state']
let set: ReplicaSet
let client: MongoClient

beforeAll(async () => {
  set = await startReplicaSet({ auth: true, oplogSizeMb: 1, setParameters: { enableTestCommands: true } })
  client = new MongoClient(set.uriFor(database))
  await client.db().createCollection('reservas')
  const created = states.map(async (state) => {
    const { stdout } = await boletiaStreams(['doctor', '--role', '--json'], { cwd, env: { ...asRoot(), STATE_DATABASE: state } })
    await client.db('admin').command({ ...documents.doctor.parse(JSON.parse(stdout)).data.role, createRole: state })
  })
  await Promise.all(created)
  await createUsers('worker')
})
afterAll(async () => {
  await client.close()
  await set.stop()
})

const db = () => client.db()
/** For what only a user who may do everything is told. */
const asRoot = () => ({ MONGODB_URI: set.uriFor(database) })
const env = (more: Readonly<Record<string, string>> = {}) => ({ MONGODB_URI: asUser('worker'), ...more })
const asUser = (user: string, password = 'pwd') => set.uriFor(database).replace(/\/\/.*@/, `//${user}:${password}@`)

/** They may do what `doctor --role` printed, and no more. */
async function createUsers(...names: string[]): Promise<void> {
  for (const name of names) await client.db('admin').command({ createUser: name, pwd: 'pwd', roles: states })
}

async function doctor(options: CallOptions = {}) {
  const { code, stdout, stderr } = await boletiaStreams(['doctor', '--json'], { cwd, env: env(), ...options })
  expect(stderr).toBe('')
  const { data } = documents.doctor.parse(JSON.parse(stdout))
  expect(code).toBe({ ok: 0, warning: 10, critical: 11 }[data.level])
  return { ...data, of: (about: string) => data.findings.filter((finding) => finding.about === about) }
}

describe('without a server', () => {
  test('a standalone server is a finding with how to make it a replica set', async () => {
    const standalone = await startStandalone()
    try {
      const { level, of } = await doctor({ env: { MONGODB_URI: standalone.uriFor(database) } })
      expect(level).toBe('critical')
      expect(of('server')).toMatchObject([{ level: 'critical', fix: expect.stringContaining('mongod --replSet rs0') as string }])
    } finally {
      await standalone.stop()
    }
  })

  test('a config that does not load is one too, and so is a server that does not answer, without the password', async () => {
    const broken = await doctor({ env: env({ BOLETIA_STREAMS_CONFIG: path.join(fixtures, 'broken/typo.mjs') }) })
    expect(broken.of('config')).toMatchObject([
      {
        level: 'critical',
        message: expect.stringContaining('did you mean streams?') as string,
        fix: 'boletia-streams help config',
      },
    ])
    const uri = 'mongodb://ana:s3cr3t-planted@127.0.0.1:1/boletia?serverSelectionTimeoutMS=200'
    const silent = await doctor({ env: { MONGODB_URI: uri } })
    expect(silent.of('server')).toMatchObject([{ level: 'critical' }])
    expect(JSON.stringify(silent)).not.toContain('planted')
  })
})

describe('of the server', () => {
  test('commands for tests that are enabled, and a short oplog, are found with their fixes', async () => {
    // The window has whole seconds: in its first one nothing can be said.
    const written = async () => {
      const filler = { filler: 'x'.repeat(20_000) }
      await db()
        .collection('otra')
        .insertMany(Array.from({ length: 5 }, () => ({ ...filler })))
      return await doctor()
    }
    await expect.poll(async () => (await written()).of('oplog')[0]?.level).toBe('critical')
    const { of } = await doctor({ env: asRoot() })
    expect(of('test-commands')).toMatchObject([
      { level: 'warning', fix: expect.stringContaining('enableTestCommands') as string },
    ])
    const [oplog] = of('oplog')
    expect(oplog).toMatchObject({ level: 'critical', fix: expect.stringContaining('replSetResizeOplog') as string })
    const size = Number(/size: ([\d.]+)/.exec(oplog?.fix ?? '')?.[1])
    await client.db('admin').command({ replSetResizeOplog: 1, size, minRetentionHours: 24 })
    const mended = await doctor()
    expect(mended.of('test-commands')).toMatchObject([
      { level: 'ok', message: expect.stringContaining('may not be asked') as string },
    ])
    expect(mended.of('oplog')).not.toMatchObject([{ level: 'critical' }])
  })

  test('a clock that is an hour off is found', async () => {
    const ahead = fileURLToPath(new URL('fixtures/anHourAhead.mjs', import.meta.url))
    const { of } = await doctor({ nodeArgs: ['--import', ahead] })
    expect(of('clock')).toMatchObject([{ level: 'warning', message: expect.stringMatching(/3[56]\d\d s behind/) as string }])
    expect((await doctor()).of('clock'), 'the negative control').toMatchObject([{ level: 'ok' }])
  })

  test('a capped collection of dead letters is found by who may look, and the printed fix keeps what is in it', async () => {
    await db().createCollection('stream.deadLetters', { capped: true, size: 4096 })
    await db().collection<{ _id: string }>('stream.deadLetters').insertOne({ _id: 'kept' })
    const [capped] = (await doctor({ env: asRoot() })).of('dead-letters')
    expect(capped).toMatchObject({ level: 'critical', stream: null })
    const [, from, aside, again, to] =
      /getCollection\("(.+?)"\)\.renameCollection\("(.+?)"\);.+getCollection\("(.+?)"\)\.aggregate\(\[\{\$merge: "(.+?)"/.exec(
        capped!.fix!,
      )!
    await db().collection(from!).rename(aside!)
    await db()
      .collection(again!)
      .aggregate([{ $merge: to! }])
      .toArray()
    expect((await doctor({ env: asRoot() })).of('dead-letters')).toEqual([])
    expect(await db().collection('stream.deadLetters').find().toArray()).toEqual([{ _id: 'kept' }])
    await db().collection('stream.deadLetters').drop()
    await db().collection(aside!).drop()
  })

  test('missing privileges are named one by one; the role that --role prints has them all', async () => {
    const admin = client.db('admin')
    await admin.command({ createUser: 'ana', pwd: 's3cr3t-planted', roles: [{ role: 'read', db: database }] })
    const as = { env: { MONGODB_URI: asUser('ana', 's3cr3t-planted') } }
    const lacking = (await doctor(as)).of('privileges')
    expect(lacking.map(({ level, message }) => `${level} ${message}`)).toEqual([
      `critical the user ana may not insert, update on ${database}.stream`,
      `critical the user ana may not insert, update on ${database}.stream.leases`,
      `critical the user ana may not insert, update, createIndex on ${database}.stream.history`,
      `critical the user ana may not insert, update, remove, createIndex on ${database}.stream.deadLetters`,
      `critical the user ana may not insert, update, remove, createIndex on ${database}.copias`,
      'warning the user ana may not read local.oplog.rs: headroom is not known, and nothing warns before a position is lost',
    ])
    expect(lacking[0]?.fix).toContain('grantRolesToUser("ana"')

    const { stdout } = await boletiaStreams(['doctor', '--role', '--json'], { cwd, env: env() })
    const { role } = documents.doctor.parse(JSON.parse(stdout)).data
    await admin.command(role as object)
    await admin.command({ updateUser: 'ana', roles: [{ role: 'boletiaStreams', db: 'admin' }] })
    expect((await doctor(as)).of('privileges')).toMatchObject([{ level: 'ok' }])
  })

  test('a state at an address of its own has a role of its own, and it is said that there are two', async () => {
    const uri = asUser('worker')
    const apart = { cwd, env: env({ STATE_URI: `${uri}${uri.includes('?') ? '&' : '?'}appName=state` }) }
    const { stdout, stderr } = await boletiaStreams(['doctor', '--role'], apart)
    expect(stderr).toContain('a role for each of 2 connections')
    const [watched, state] = stdout.split('\n\n')
    expect(watched).toMatch(/^\/\/ on default\ndb\.getSiblingDB/)
    expect(watched).toContain('"reservas"')
    expect(watched).not.toContain('"stream.leases"')
    expect(state).toMatch(/^\/\/ on state \(config\)\n/)
    expect(state).toContain('"stream.leases"')
    const { data } = documents.doctor.parse(JSON.parse((await boletiaStreams(['doctor', '--role', '--json'], apart)).stdout))
    expect(data.roles.map(({ connections }) => connections)).toEqual([['default'], ['state (config)']])
    expect(data.role).toEqual(data.roles[0]?.role)
  })
})

describe('of a stream', () => {
  test('post-images and indexes that are missing are found; the printed fixes mend them', async () => {
    const { of } = await doctor()
    const [image] = of('post-images')
    expect(image).toMatchObject({ level: 'critical', stream: 'streamExigente' })
    expect(image?.fix).toContain('collMod: "reservas", changeStreamPreAndPostImages: {enabled: true}')
    expect(of('indexes')).toMatchObject([
      { level: 'warning', fix: expect.stringContaining('.createIndex({"nombre":1}, {unique: true})') as string },
    ])
    await db().command({ collMod: 'reservas', changeStreamPreAndPostImages: { enabled: true } })
    await db().collection('copias').createIndex({ nombre: 1 }, { unique: true })
    const mended = await doctor()
    expect([...mended.of('post-images'), ...mended.of('indexes')].map(({ level }) => level)).toEqual(['ok', 'ok'])
  })

  test('an older service that still runs is found', async () => {
    await boletiaStreams(['run', 'streamExigente', '--once'], { cwd, env: env() })
    const { stdout } = await boletiaStreams(['export', '--go'], { cwd, env: env() })
    await db().collection('stream').deleteMany({})
    await db()
      .collection('stream')
      .insertOne(JSON.parse(stdout) as object)
    await boletiaStreams(['run', 'streamExigente', '--once'], { cwd, env: env() })
    expect((await doctor()).of('older-service'), 'it stands still: it was taken over').toEqual([])
    await db()
      .collection('stream')
      .updateOne({ stream: 'streamExigente' }, [{ $set: { token: { $concat: ['$token', '04'] } } }])
    expect((await doctor()).of('older-service')).toMatchObject([{ level: 'critical', stream: 'streamExigente' }])
    await db().collection('stream').deleteMany({})
  })

  test('two processes on one stream, each with its own positions, are found; one is not', async () => {
    const children = ['one_state', 'other_state'].map((state) =>
      start(['run', 'streamExigente'], { cwd, env: env({ STATE_DATABASE: state }) }),
    )
    const ends = children.map(async (child) => await ended(child))
    await expect
      .poll(async () => (await doctor()).of('two-processes'))
      .toMatchObject([{ level: 'critical', stream: 'streamExigente' }])
    children[0]?.kill('SIGTERM')
    await ends[0]
    expect((await doctor()).of('two-processes')).toEqual([])
    children[1]?.kill('SIGTERM')
    expect((await Promise.all(ends)).map(({ code }) => code)).toEqual([0, 0])
  })

  test('a worker that logs in as another user is found: from here nothing could end what it leaves open', async () => {
    await createUsers('benito', 'carla')
    const as = (user: string) => env({ MONGODB_URI: asUser(user) })
    const child = start(['run', 'streamExigente'], { cwd, env: as('benito') })
    const end = ended(child)
    await expect
      .poll(async () => (await doctor({ env: as('carla') })).of('database-user'))
      .toMatchObject([
        {
          level: 'critical',
          stream: 'streamExigente',
          message: expect.stringContaining('its worker logs in as benito@admin, and this is carla@admin') as string,
          fix: expect.stringContaining('one database user') as string,
        },
      ])
    expect((await doctor({ env: as('benito') })).of('database-user'), 'the negative control').toEqual([])
    child.kill('SIGTERM')
    expect((await end).code).toBe(0)
    expect((await doctor({ env: as('carla') })).of('database-user'), 'nothing is left open').toEqual([])
  })

  test('for people: a line each, the fix below it, the exit of the worst', async () => {
    const { code, stdout, stderr } = await boletiaStreams(['doctor'], { cwd, env: asRoot() })
    expect({ code, stderr }).toEqual({ code: 10, stderr: '' })
    expect(stdout).toMatch(/^warning {2,}test-commands {2,}.+\n {4}fix {2}start mongod without/m)
    expect(stdout).not.toContain('\u001B')
  })
})
