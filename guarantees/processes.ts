import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

export interface Worker extends AsyncDisposable {
  readonly process: ChildProcessWithoutNullStreams
  /** Resolves with the next line on stdout; rejects when the process ends first. */
  line(): Promise<string>
  /** SIGKILL, and waits until the process is gone. */
  kill(): Promise<void>
}

const program = (name: string) => fileURLToPath(new URL(`programs/${name}`, import.meta.url))

export function startWorker(uri: string, mode: 'project' | 'handle' | 'naive'): Worker {
  const child = spawn(process.execPath, [program('worker.mjs'), uri, mode])
  const errors: string[] = []
  child.stderr.on('data', (chunk: Buffer) => errors.push(chunk.toString()))
  const exited = once(child, 'exit')
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const kill = async () => {
    child.kill('SIGKILL')
    await exited
  }
  return {
    process: child,
    async line() {
      const { value, done } = await lines.next()
      if (done === true) throw new Error(`the worker ended: ${errors.join('')}`)
      return value
    },
    kill,
    [Symbol.asyncDispose]: kill,
  }
}

/** Runs the checker and gives what it printed, with its exit code. */
export async function check(uri: string): Promise<{ source: number; lost: number; doubled: number; exit: number }> {
  const child = spawn(process.execPath, [program('count.mjs'), uri], { stdio: ['ignore', 'pipe', 'inherit'] })
  const out: Buffer[] = []
  child.stdout.on('data', (chunk: Buffer) => out.push(chunk))
  const [exit] = (await once(child, 'close')) as [number]
  return { ...(JSON.parse(Buffer.concat(out).toString()) as { source: number; lost: number; doubled: number }), exit }
}
