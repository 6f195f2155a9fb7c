import { type ChildProcess, spawn } from 'node:child_process'
import path from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'

export const fixtures = fileURLToPath(new URL('fixtures', import.meta.url))
export const project = path.join(fixtures, 'project')
export const launcher = fileURLToPath(new URL('../bin/boletia-streams.mjs', import.meta.url))

export interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface CallOptions {
  readonly cwd?: string
  readonly env?: Readonly<Record<string, string>>
  readonly nodeArgs?: readonly string[]
}

/** The real program as a process, in the fixture project, with none of the machine's settings. */
export function start(args: readonly string[], { cwd = project, env = {}, nodeArgs = [] }: CallOptions = {}): ChildProcess {
  return spawn(process.execPath, [...nodeArgs, launcher, ...args], {
    cwd,
    env: { ...machine(), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
}

export async function boletiaStreams(args: readonly string[], options?: CallOptions): Promise<Ended> {
  return await ended(start(args, options))
}

/** Collects the output of a started process until it ends. */
export async function ended(child: ChildProcess): Promise<Ended> {
  const code = new Promise<number | null>((resolve, reject) => child.once('error', reject).once('close', resolve))
  const [stdout, stderr] = await Promise.all([child.stdout ? text(child.stdout) : '', child.stderr ? text(child.stderr) : ''])
  return { code: await code, stdout, stderr }
}

/** What every child process gets: no address, config, log level or colour of the machine that runs the tests. */
export function machine(): NodeJS.ProcessEnv {
  const hidden =
    /^(MONGODB_URI|MONGODB_URI_FILE|BOLETIA_STREAMS_CONFIG|LOG_LEVEL|CI|NO_COLOR|FORCE_COLOR|TERM|NODE_OPTIONS|VITEST.*)$/
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !hidden.test(name)))
}
