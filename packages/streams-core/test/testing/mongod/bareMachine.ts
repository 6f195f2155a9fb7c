import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { vi } from 'vitest'

/** An environment in which nothing is installed, so that each step of the search can be given exactly what it needs. */
export interface BareMachine extends Disposable {
  readonly folder: string
  /** The only directory on the PATH. */
  readonly bin: string
  /** The user's cache directory. */
  readonly cache: string
  /** Writes an executable shell script and returns its path. */
  program(file: string, script: string): string
  /** Puts the real python3, and nothing else, on the PATH. */
  installPython(): void
}

/** No MongoDB has this version: what a developer's machine has cached is not found. */
export const noVersion = '9.9.9'

export const mongodScript = (version: string = noVersion) => `echo "db version v${version}"`

export function bareMachine(): BareMachine {
  const folder = mkdtempSync(path.join(tmpdir(), 'boletia-bare-'))
  const [bin, home, cache] = [path.join(folder, 'bin'), path.join(folder, 'home'), path.join(folder, 'cache')]
  for (const each of [bin, home, cache]) mkdirSync(each)
  const python = execFileSync('python3', ['-c', 'import sys; print(sys.executable)'], { encoding: 'utf8' }).trim()
  const environment = {
    PATH: bin,
    HOME: home,
    XDG_CACHE_HOME: cache,
    MONGOMS_SYSTEM_BINARY: '',
    MONGOMS_VERSION: noVersion,
    MONGOMS_DOWNLOAD_DIR: path.join(home, 'downloads'),
  }
  for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value)
  const program = (file: string, script: string) => {
    writeFileSync(file, `#!/bin/sh\n${script}\n`)
    chmodSync(file, 0o755)
    return file
  }
  return {
    folder,
    bin,
    cache,
    program,
    installPython: () => void program(path.join(bin, 'python3'), `exec '${python}' "$@"`),
    [Symbol.dispose]() {
      vi.unstubAllEnvs()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
