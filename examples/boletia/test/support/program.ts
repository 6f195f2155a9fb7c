import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

const dist = path.join(path.dirname(fileURLToPath(import.meta.url)), '../../dist')

/** A service as `npm run eventos` starts it: a process that is told everything by its environment. */
export interface Program extends AsyncDisposable {
  readonly child: ChildProcess
  readonly stderr: () => string
  /** Resolves with the URL of its one line; rejects with its output when it ends without. */
  readonly url: Promise<string>
  /** Resolves with the exit code, or the signal's name. */
  readonly ended: Promise<number | NodeJS.Signals | null>
}

export function startProgram(name: 'eventos' | 'reservas', env: Readonly<Record<string, string>>): Program {
  const { PATH = '', BOLETIA_TEST_FILE = '' } = process.env
  const child = spawn(process.execPath, [path.join(dist, `${name}.js`)], {
    env: { PATH, BOLETIA_TEST_FILE, PORT: '0', ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let stderr = ''
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => (stderr += chunk))
  const ended = once(child, 'close').then(([code, signal]: (number | NodeJS.Signals | null)[]) => code ?? signal ?? null)
  const url = new Promise<string>((resolve, reject) => {
    child.stderr.on('data', () => {
      const line = new RegExp(`^${name} listening on (http://\\S+)$`, 'm').exec(stderr)
      if (line?.[1] !== undefined) resolve(line[1])
    })
    void ended.then((code) => reject(new Error(`${name} ended with ${code}:\n${stderr}`)))
  })
  // A program that is expected to fail is asked for `ended` only.
  url.catch(() => undefined)
  return {
    child,
    stderr: () => stderr,
    url,
    ended,
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL')
      await ended
    },
  }
}
