import type { ChildProcess } from 'node:child_process'
import { vi } from 'vitest'
import { start } from '../program.js'

/** A `run --http :0`, or one whose config says where, as a process, with the address that it told. */
export interface WatchedRun extends AsyncDisposable {
  readonly child: ChildProcess
  readonly url: string
  /** What it has written to stderr so far. */
  readonly stderr: () => string
  get(path: string, init?: RequestInit): Promise<{ readonly status: number; readonly body: string; readonly headers: Headers }>
  /** Each sample of /metrics, by its name with its labels. */
  metrics(): Promise<ReadonlyMap<string, number>>
  /** Resolves with the exit code. */
  stop(): Promise<number | null>
}

export async function watchedRun(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  cwd?: string,
  http: readonly string[] = ['--http', ':0'],
): Promise<WatchedRun> {
  const child = start(['run', ...args, ...http, '--log-format', 'json'], { env, ...(cwd !== undefined && { cwd }) })
  let stderr = ''
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (stderr += text))
  child.stdout?.resume()
  const exit = new Promise<number | null>((resolve) => child.once('close', resolve))
  const url = await vi
    .waitFor(
      () => {
        const told = /"url":"(http:[^"]+)"/.exec(stderr)?.[1]
        if (told === undefined) throw new Error(`no address in: ${stderr}`)
        return told
      },
      { timeout: 60_000, interval: 20 },
    )
    .catch((error: unknown) => {
      child.kill('SIGKILL')
      throw error
    })
  async function stop(): Promise<number | null> {
    if (child.exitCode === null) child.kill('SIGTERM')
    return await exit
  }
  async function get(path: string, init?: RequestInit) {
    const response = await fetch(`${url}${path}`, init)
    return { status: response.status, body: await response.text(), headers: response.headers }
  }
  return {
    child,
    url,
    stderr: () => stderr,
    get,
    stop,
    async metrics() {
      const { body } = await get('/metrics')
      const samples = body.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
      return new Map(samples.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ') + 1))]))
    },
    async [Symbol.asyncDispose]() {
      await stop()
    },
  }
}
