import { execFile } from 'node:child_process'
import { access, constants } from 'node:fs/promises'
import path from 'node:path'
import { promisify } from 'node:util'
import { StreamError } from '../streamError.js'

/** A mongod program on this machine. */
export interface MongodBinary {
  readonly path: string
  /** As it tells itself, e.g. `6.0.5`. */
  readonly version: string
}

/** Looks for a mongod: `MONGOMS_SYSTEM_BINARY`, then `mongod` on the PATH. Throws INVALID_OPTIONS when there is none. */
export async function findMongod(env: NodeJS.ProcessEnv = process.env): Promise<MongodBinary> {
  const candidates = [env.MONGOMS_SYSTEM_BINARY, ...(env.PATH ?? '').split(path.delimiter).map((folder) => path.join(folder, 'mongod'))]
  for (const candidate of candidates) {
    if (candidate === undefined || candidate === '' || !(await isExecutable(candidate))) continue
    return { path: candidate, version: await versionOf(candidate) }
  }
  throw new StreamError('INVALID_OPTIONS', 'No mongod found: set MONGOMS_SYSTEM_BINARY to one, or put mongod on the PATH.')
}

async function isExecutable(file: string): Promise<boolean> {
  return access(file, constants.X_OK).then(
    () => true,
    () => false,
  )
}

async function versionOf(file: string): Promise<string> {
  const { stdout } = await promisify(execFile)(file, ['--version'])
  return /db version v(\d+\.\d+\.\d+)/.exec(stdout)?.[1] ?? '0.0.0'
}
