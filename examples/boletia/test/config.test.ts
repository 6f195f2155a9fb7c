import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

const folder = path.dirname(path.dirname(fileURLToPath(import.meta.url)))
const launcher = path.join(folder, 'node_modules/boletia-streams/bin/boletia-streams.mjs')

/** What `config show` says of the config here: the database that it names itself, and whose address counts. */
async function shown(args: readonly string[], env: Readonly<Record<string, string>>) {
  const { PATH = '' } = process.env
  const call = [launcher, 'config', 'show', '--json', ...args]
  const { stdout } = await promisify(execFile)(process.execPath, call, { cwd: folder, env: { PATH, ...env } })
  const { data } = JSON.parse(stdout) as { data: { database: string | null; uri: { source: string } | null } }
  return [data.database, data.uri?.source]
}

test('an address that names its database is taken at its word, whoever gives it; without a name MONGODB_URI means the services’ one', async () => {
  const directory = await mkdtemp(path.join(tmpdir(), 'boletia-uri-'))
  try {
    const file = path.join(directory, 'uri')
    await writeFile(file, 'mongodb://a:1/tienda')
    const [named, unnamed] = ['mongodb://a:1/tienda', 'mongodb://a:1/?replicaSet=rs0']
    expect(await shown([], { MONGODB_URI: unnamed })).toEqual(['boletia', 'MONGODB_URI'])
    expect(await shown([], { MONGODB_URI: named })).toEqual([null, 'MONGODB_URI'])
    expect(await shown(['--uri', named], { MONGODB_URI: unnamed })).toEqual([null, '--uri'])
    expect(await shown([], { MONGODB_URI_FILE: file })).toEqual([null, 'MONGODB_URI_FILE'])
    expect(await shown(['--db', 'tienda'], { MONGODB_URI: unnamed })).toEqual(['tienda', 'MONGODB_URI'])
  } finally {
    await rm(directory, { recursive: true })
  }
})
