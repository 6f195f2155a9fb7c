import type { DataFolder } from '@boletia/streams-core/testing'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync, readFileSync } from 'node:fs'
import path from 'node:path'

export interface Program {
  readonly name: string
  /** A JavaScript file and its arguments, run by this Node: by way of npx the pid would be that of npx. */
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string | undefined>>
}

export interface Child {
  readonly name: string
  readonly pid: number
  readonly stdout: () => string
  /** What it said on stderr; kept in a file of the demo's folder. */
  readonly log: () => string
  /** Resolves when it has ended and its output is complete: the exit code, or the signal that ended it. */
  readonly ended: Promise<number | NodeJS.Signals>
  /** Sends a signal, and resolves with `ended`. The end of a child that was not sent one is a failure of the demo. */
  end(signal: NodeJS.Signals): Promise<number | NodeJS.Signals>
}

/** The processes of the demo. None outlives it: disposing kills them, and the folder's keeper does when the demo itself is killed. */
export class Children implements AsyncDisposable {
  readonly #folder: DataFolder
  readonly #onLost: (error: Error) => void
  readonly #running = new Set<Child>()
  #started = 0
  #closed = false

  /** @param onLost is told of a child of `start` that ended by itself */
  constructor(folder: DataFolder, onLost: (error: Error) => void) {
    this.#folder = folder
    this.#onLost = onLost
  }

  /** Starts a program that runs until it is ended. */
  start(program: Program): Child {
    const { child, wasTold } = this.#spawn(program)
    const watch = async () => {
      const how = await child.ended
      if (!wasTold()) this.#onLost(failure(child, how))
    }
    void watch()
    return child
  }

  /** Runs a program to its end. @throws {Error} with the end of its log when the exit code is not one of `allowed` */
  async run(program: Program, allowed: readonly number[] = [0]): Promise<{ readonly code: number; readonly stdout: string }> {
    const { child } = this.#spawn(program)
    const code = await child.ended
    if (typeof code !== 'number' || !allowed.includes(code)) throw failure(child, code)
    return { code, stdout: child.stdout() }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true
    // Killed, not asked: their data goes anyway.
    await Promise.all([...this.#running].map((child) => child.end('SIGKILL')))
  }

  #spawn({ name, args, env }: Program): { readonly child: Child; readonly wasTold: () => boolean } {
    // A part of the demo may still be at work while another one's failure ends it: what it starts now would never be ended.
    if (this.#closed) throw new Error(`${name} is not started any more: the demo is ending`)
    const logFile = path.join(this.#folder.path, `${(this.#started += 1)}-${name}.log`)
    const log = openSync(logFile, 'w')
    // Detached: Ctrl-C goes to every process of the terminal's group, and it is for the demo to end its own.
    const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', log], detached: true })
    closeSync(log)
    let stdout = ''
    child.stdout?.setEncoding('utf8').on('data', (text: string) => (stdout += text))
    const ended = once(child, 'close').then(([code, signal]) => (code ?? signal) as number | NodeJS.Signals)
    let told = false
    const running: Child = {
      name,
      pid: child.pid as number,
      stdout: () => stdout,
      log: () => readFileSync(logFile, 'utf8'),
      ended,
      end(signal) {
        told = true
        child.kill(signal)
        return ended
      },
    }
    this.#running.add(running)
    this.#guard()
    void ended.finally(() => {
      this.#running.delete(running)
      this.#guard()
    })
    return { child: running, wasTold: () => told }
  }

  #guard(): void {
    this.#folder.guard([...this.#running].map(({ pid }) => pid))
  }
}

function failure(child: Child, how: number | NodeJS.Signals): Error {
  const lines = child.log().trimEnd().split('\n').slice(-8)
  return new Error(`${child.name} ended with ${how}; it said last:\n${lines.map((line) => `  ${line}`).join('\n')}`)
}
