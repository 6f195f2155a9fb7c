import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

/** A mongod program on this machine that was seen to run. */
export interface MongodBinary {
  /** Absolute. */
  readonly path: string
  /** As it tells itself, e.g. `6.0.5`. mongodb-memory-server prints a "version conflict" unless it is told. */
  readonly version: string
}

/** Why a step of the search gave nothing; part of the error when all steps did. */
export interface NotFound {
  readonly notFound: string
}

/** Runs `file --version`: a mongod that misses a library is none. */
export async function tryMongod(file: string): Promise<MongodBinary | NotFound> {
  try {
    const { stdout } = await promisify(execFile)(file, ['--version'])
    const version = /^db version v(\d+\.\d+\.\d+)/m.exec(stdout)?.[1]
    return version === undefined ? { notFound: `${file} is not a mongod` } : { path: file, version }
  } catch (error) {
    return { notFound: `${file} cannot be run: ${reasonOf(error)}` }
  }
}

/** The line of a failed process that says why, or the error's own. */
export function reasonOf(error: unknown): string {
  const { stderr, message } = error as { stderr?: string; message?: string }
  const lines = (stderr ?? '')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
  const telling = lines.filter((line) => /error|cannot|no module|not found/i.test(line)).at(-1) ?? lines.at(-1)
  return (telling ?? message ?? String(error)).slice(0, 300)
}
