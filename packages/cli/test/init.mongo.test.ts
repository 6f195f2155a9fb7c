import { mkdir, mkdtemp, readFile, readdir, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { testDatabase } from '@boletia/streams-core/testing'
import { afterEach, beforeEach, expect, inject, test } from 'vitest'
import { documents } from '../src/contracts/index.js'
import { boletiaStreams } from './program.js'

const packages = fileURLToPath(new URL('../..', import.meta.url))
let folder: string
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'boletia-init-'))
})
afterEach(async () => await rm(folder, { recursive: true }))

/** As npm would have installed them. */
async function install(): Promise<void> {
  await mkdir(path.join(folder, 'node_modules/@boletia'), { recursive: true })
  await symlink(path.join(packages, 'cli'), path.join(folder, 'node_modules/boletia-streams'))
  await symlink(path.join(packages, 'streams-core'), path.join(folder, 'node_modules/@boletia/streams-core'))
}

test('what init writes runs as it is, and processes a first change', async () => {
  await using database = await testDatabase(inject('mongoUri'))
  const at = { cwd: folder, env: { MONGODB_URI: database.uri } }
  const { code, stdout, stderr } = await boletiaStreams(['init'], at)
  expect({ code, stdout }).toEqual({ code: 0, stdout: '' })
  expect(stderr).toContain('npx boletia-streams run orderLines')
  await install()
  const run = async () => await boletiaStreams(['run', 'orderLines', '--once'], at)
  expect(await run()).toMatchObject({ code: 0, stdout: '' })
  await database.db.collection('orders').insertOne({ item: 'ticket', quantity: 2 }, { writeConcern: { w: 'majority' } })
  expect(await run()).toMatchObject({ code: 0 })
  expect(
    await database.db
      .collection('orderLines')
      .find({}, { projection: { _id: 0 } })
      .toArray(),
  ).toEqual([{ text: '2 × ticket' }])
})

test('what is installed there or above need not be installed', async () => {
  const next = async (where: string) => {
    const { stdout } = await boletiaStreams(['init', where, '--json'], { cwd: folder })
    return documents.init.parse(JSON.parse(stdout)).data.next.filter((line) => line.startsWith('npm install'))
  }
  expect(await next('a')).toEqual(['npm install boletia-streams @boletia/streams-core mongodb'])
  await install()
  expect(await next('b')).toEqual(['npm install mongodb'])
  await symlink(path.join(packages, 'cli/node_modules/mongodb'), path.join(folder, 'node_modules/mongodb'))
  expect(await next('c')).toEqual([])
})

test('nothing that exists is overwritten, and then nothing at all is written', async () => {
  expect(await boletiaStreams(['init', '--json'], { cwd: folder })).toMatchObject({
    code: 0,
    stderr: expect.stringContaining('wrote') as string,
  })
  await rm(path.join(folder, 'streams'), { recursive: true })
  const before = await readFile(path.join(folder, 'boletia-streams.config.ts'), 'utf8')
  const again = await boletiaStreams(['init'], { cwd: folder })
  expect(again).toMatchObject({ code: 2, stdout: '' })
  expect(again.stderr).toContain('boletia-streams.config.ts exists already')
  expect(await readFile(path.join(folder, 'boletia-streams.config.ts'), 'utf8')).toBe(before)
  expect(await readdir(folder)).toEqual(['boletia-streams.config.ts'])
})

test('beside a config of another ending nothing is written: only one of the two would be read', async () => {
  await writeFile(path.join(folder, 'boletia-streams.config.mjs'), 'export default { streams: [] }')
  const refused = await boletiaStreams(['init'], { cwd: folder })
  expect(refused).toMatchObject({ code: 2, stdout: '' })
  expect(refused.stderr).toContain('boletia-streams.config.mjs exists already')
  expect(await readdir(folder)).toEqual(['boletia-streams.config.mjs'])
})

test('another folder is made, and its JSON is the contract', async () => {
  const { stdout } = await boletiaStreams(['init', 'a/b', '--json'], { cwd: folder })
  const { data } = documents.init.parse(JSON.parse(stdout))
  expect(data.files).toEqual(['boletia-streams.config.ts', 'streams/orderLines.ts'])
  expect(data.next[0]).toBe('cd a/b')
  expect(await readdir(path.join(folder, 'a/b'))).toEqual(['boletia-streams.config.ts', 'streams'])
})
