import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'

export interface Redis extends AsyncDisposable {
  readonly port: number
  readonly version: string
}

/** A redis-server of our own that keeps nothing on disk, or null when none is on the PATH. */
export async function startRedis(): Promise<Redis | null> {
  const port = await freePort()
  const args = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no']
  // It goes when our end of its stdin does, also when we are killed.
  const ended = 'command -v redis-server >/dev/null || exit 1; redis-server "$@" & read -r line; kill $!; wait $!'
  const child = spawn('sh', ['-c', ended, 'sh', ...args], { stdio: ['pipe', 'pipe', 'ignore'] })
  const closed = once(child, 'close')
  closed.catch(() => undefined)
  const version = await new Promise<string | null>((resolve) => {
    let said = ''
    child.once('error', () => resolve(null))
    child.once('close', () => resolve(null))
    child.stdout.on('data', (chunk: Buffer) => {
      said += chunk.toString()
      if (/Ready to accept connections/i.test(said)) resolve(/version=([\d.]+)/.exec(said)?.[1] ?? 'unknown')
    })
  })
  if (version === null) return null
  return {
    port,
    version,
    async [Symbol.asyncDispose]() {
      child.stdin.end()
      await closed
    },
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  server.close()
  await once(server, 'close')
  return port
}
