import { accessSync, constants } from 'node:fs'
import path from 'node:path'
import { StreamError } from '../../streamError.js'
import { type MongodBinary, type NotFound, tryMongod } from './mongodBinary.js'

/** The program of `MONGOMS_SYSTEM_BINARY`. Throws when it is set and wrong: whoever set it meant it. */
export async function namedMongod(): Promise<MongodBinary | NotFound> {
  const named = process.env.MONGOMS_SYSTEM_BINARY
  if (named === undefined || named === '') return { notFound: 'not set' }
  const found = await tryMongod(path.resolve(named))
  if ('notFound' in found) {
    throw new StreamError('NO_MONGOD', `MONGOMS_SYSTEM_BINARY: ${found.notFound}. Correct the variable, or unset it.`)
  }
  return found
}

/** The first `mongod` on the PATH. */
export async function mongodOnPath(): Promise<MongodBinary | NotFound> {
  const name = process.platform === 'win32' ? 'mongod.exe' : 'mongod'
  const folders = (process.env.PATH ?? '').split(path.delimiter).filter((folder) => folder !== '')
  const file = folders.map((folder) => path.resolve(folder, name)).find(isExecutable)
  return file === undefined ? { notFound: 'none' } : tryMongod(file)
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}
