import { type ChildProcess, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect } from 'vitest'

const program = path.join(path.dirname(fileURLToPath(import.meta.url)), '../../dist/demo/main.js')

/** `npm run demo` after its set-up, in a temporary directory of its own: what it leaves there or running is its own. */
export interface DemoProcess extends AsyncDisposable {
  readonly child: ChildProcess
  readonly stdout: () => string
  readonly stderr: () => string
  readonly ended: Promise<number | NodeJS.Signals>
  /** Resolves with what the pattern found on stdout. */
  said(pattern: RegExp): Promise<RegExpExecArray>
  /** The processes that it started, with their command lines; empty after it has cleaned up. */
  running(): readonly { readonly pid: number; readonly command: string }[]
  files(): Promise<readonly string[]>
}

export async function startDemo(...args: readonly string[]): Promise<DemoProcess> {
  const folder = await mkdtemp(path.join(tmpdir(), 'boletia-demo-test-'))
  const mark = `BOLETIA_DEMO_TEST=${randomUUID()}`
  const child = spawn(process.execPath, [program, ...args], {
    env: { ...process.env, TMPDIR: folder, BOLETIA_DEMO_TEST: mark.split('=')[1], FORCE_COLOR: '' },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let stdout = ''
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
  const ended = once(child, 'close').then(([code, signal]) => (code ?? signal) as number | NodeJS.Signals)
  return {
    child,
    stdout: () => stdout,
    stderr: () => stderr,
    ended,
    async said(pattern) {
      await expect
        .poll(() => (child.exitCode === null ? stdout : `${stdout}\nended: ${stderr}`), { timeout: 120_000 })
        .toMatch(pattern)
      return pattern.exec(stdout) as RegExpExecArray
    },
    running: () => processes().filter(({ pid, environment }) => pid !== child.pid && environment.includes(mark)),
    files: () => readdir(folder),
    async [Symbol.asyncDispose]() {
      // Its keepers do the rest.
      child.kill('SIGKILL')
      await ended
      await rm(folder, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}

/** Nothing runs and nothing lies there any more; the keepers of a killed demo may take a moment. */
export async function expectNothingLeft({ running, files }: DemoProcess): Promise<void> {
  await expect.poll(async () => [running().map(({ command }) => command), await files()], { timeout: 60_000 }).toEqual([[], []])
}

function processes() {
  return (
    readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map((name) => ({
        pid: Number(name),
        command: read(`/proc/${name}/cmdline`).replaceAll('\0', ' ').trim(),
        environment: read(`/proc/${name}/environ`).split('\0'),
      }))
      // A zombie has no command line.
      .filter(({ command }) => command !== '')
  )
}

// A process may end between the listing and the reading.
function read(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}
