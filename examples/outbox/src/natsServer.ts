import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { eventually } from '@boletia/example-harness'
import { dataFolder } from '@boletia/streams-core/testing'

export interface NatsServer extends AsyncDisposable {
  readonly url: string
  /** Kills it with SIGKILL, and starts it again on the same port and data. */
  crash(): Promise<void>
}

/** A nats-server with JetStream on a free port, its data in a folder that goes with it. @throws {Error} when the program is not installed */
export async function startNatsServer(): Promise<NatsServer> {
  const folder = await dataFolder('boletia-nats-')
  let child: ChildProcess
  const start = async (port: string) => {
    child = spawn(
      'nats-server',
      ['--jetstream', '--store_dir', folder.path, '--addr', '127.0.0.1', '--port', port, '--ports_file_dir', folder.path],
      { stdio: 'ignore' },
    )
    await Promise.race([
      once(child, 'spawn'),
      once(child, 'error').then(([error]) =>
        Promise.reject(new Error('Install nats-server (apt install nats-server).', { cause: error })),
      ),
    ])
    folder.guard([child.pid!])
    const file = path.join(folder.path, `nats-server_${child.pid}.ports`)
    await eventually('nats-server listens', () => existsSync(file) && readFileSync(file, 'utf8') !== '')
    return (JSON.parse(readFileSync(file, 'utf8')) as { nats: string[] }).nats[0]!
  }
  const kill = async () => {
    const closed = once(child, 'close')
    child.kill('SIGKILL')
    await closed
  }
  const url = await start('-1')
  return {
    url,
    async crash() {
      await kill()
      await start(new URL(url).port)
    },
    async [Symbol.asyncDispose]() {
      await kill()
      await folder.remove()
    },
  }
}
