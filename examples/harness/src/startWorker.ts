import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { Crash } from './example.js'
import { eventually } from './eventually.js'

const program = fileURLToPath(new URL('./worker.js', import.meta.url))

export interface Worker extends AsyncDisposable {
  /** Makes it take over and run, until it dies at `crash`, if any. Resolves when it reads every stream. */
  run(crash: Crash | null): Promise<void>
  /** Resolves when it has died of SIGKILL. @throws {Error} with what it said when it ended in another way */
  died(): Promise<void>
  /** Lets it catch up, and end. */
  finish(): Promise<void>
}

/** Starts a process that connects and then waits: a taking over does not wait for Node. */
export function startWorker(streams: URL, env: Readonly<Record<string, string>>): Worker {
  const child = spawn(process.execPath, [program, streams.href], { env: { ...process.env, ...env } })
  let stdout = ''
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
  // It may be dead before its order reaches it.
  child.stdin.on('error', () => undefined)
  const closed = once(child, 'close') as Promise<[number | null, NodeJS.Signals | null]>
  const failure = (why: string) => new Error(`A worker ${why}. It said: ${stdout}${stderr}`)
  const hasEnded = () => child.exitCode !== null || child.signalCode !== null
  const within = async <T>(what: string, promise: Promise<T>): Promise<T> => {
    let done = false
    void promise.finally(() => (done = true))
    await eventually(what, () => done).catch((cause: unknown) => {
      throw new Error(failure(`did not ${what}`).message, { cause })
    })
    return await promise
  }
  return {
    async run(crash) {
      child.stdin.write(`${JSON.stringify(crash)}\n`)
      // A crash point may lie before the reading.
      await eventually('a worker reads every stream', () => stdout.includes('reading\n') || hasEnded())
      if (hasEnded() && child.signalCode !== 'SIGKILL') throw failure('ended')
    },
    async died() {
      const [code, signal] = await within('die', closed)
      if (signal !== 'SIGKILL') throw failure(`ended with ${code ?? signal} instead of being killed`)
    },
    async finish() {
      child.stdin.write('finish\n')
      const [code] = await within('catch up', closed)
      if (code !== 0) throw failure(`ended with ${code}`)
    },
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL')
      await closed
    },
  }
}
