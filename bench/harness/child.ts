import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { NotRun } from './types.js'

/** A line of a contender: an event and its figures. */
export interface Said {
  readonly event: string
  readonly [field: string]: unknown
}

/** A contender's process: it takes its order as JSON in its last argument and answers in lines of JSON. */
export interface Child extends AsyncDisposable {
  readonly pid: number
  /** The first such event, also one that came before; `seen` is called at once when its line is read. */
  heard(event: string, withinMs?: number): Promise<Said>
  on(event: string, seen: (said: Said) => void): void
  /** Writes one line to its stdin. */
  tell(line: string): void
}

/** What was waited for did not come in its time. */
export class Late extends Error {}

const patienceMs = 120_000

/** Starts a program of bench/contenders in a fresh Node. */
export const startNode = (program: string, order: object): Child =>
  start(process.execPath, [fileURLToPath(new URL(`../contenders/${program}.js`, import.meta.url)), JSON.stringify(order)])

/** Starts any program that follows the protocol. */
export function start(command: string, args: readonly string[]): Child {
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'pipe'] })
  const heard: Said[] = []
  const listeners = new Set<(said: Said) => void>()
  let noise = ''
  let over: Error | null = null
  const ends = new Set<(error: Error) => void>()
  const end = (error: Error) => {
    over = error
    for (const each of ends) each(error)
  }
  // One that is killed takes no line any more.
  child.stdin.on('error', () => undefined)
  child.stderr.on('data', (chunk: Buffer) => (noise = `${noise}${chunk.toString()}`.slice(-4000)))
  createInterface({ input: child.stdout }).on('line', (line) => {
    if (!line.startsWith('{"event"')) return void (noise = `${noise}${line}\n`.slice(-4000))
    const said = JSON.parse(line) as Said
    heard.push(said)
    for (const listener of listeners) listener(said)
    if (said.event === 'not-run') end(new NotRun(String(said.why)))
  })
  child.once('error', (error: NodeJS.ErrnoException) =>
    end(error.code === 'ENOENT' ? new NotRun(`there is no ${command} on the PATH`) : error),
  )
  const exited = once(child, 'close').then(([code, signal]) => end(new Error(`contender ended (${code ?? signal}): ${noise}`)))
  exited.catch(() => undefined)

  return {
    pid: child.pid ?? 0,
    on: (event, seen) => void listeners.add((said) => said.event === event && seen(said)),
    tell: (line) => void child.stdin.write(`${line}\n`),
    heard: (event, withinMs = patienceMs) =>
      new Promise((resolve, reject) => {
        const before = heard.find((said) => said.event === event)
        if (before !== undefined) return resolve(before)
        if (over !== null) return reject(over)
        const timer = setTimeout(() => settle(() => reject(new Late(`no ${event} in ${withinMs} ms: ${noise}`))), withinMs)
        const listener = (said: Said) => said.event === event && settle(() => resolve(said))
        const onEnd = (error: Error) => settle(() => reject(error))
        const settle = (how: () => void) => {
          clearTimeout(timer)
          listeners.delete(listener)
          ends.delete(onEnd)
          how()
        }
        listeners.add(listener)
        ends.add(onEnd)
      }),
    async [Symbol.asyncDispose]() {
      if (child.pid === undefined) return
      child.kill('SIGKILL')
      await exited
    },
  }
}
