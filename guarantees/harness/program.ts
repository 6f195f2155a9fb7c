import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import type { Heard, Said } from './orders.js'
import { mutantLoader, programPath } from './paths.js'

/** How a process ended; `at` is the wall clock. */
export interface End {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly at: number
}

/** One process of guarantees/programs, started ahead of its use: it says "warm" and waits for its order. */
export interface Program extends AsyncDisposable {
  readonly pid: number
  order(order: object): void
  /** The first of these events, also one that came before. Rejects when the process ends without one, or with `Stalled` after `withinMs`. */
  heard<Event extends Said['event']>(withinMs: number, ...events: readonly Event[]): Promise<Heard<Event>>
  /** Rejects with `Stalled` after `withinMs`. */
  ended(withinMs: number): Promise<End>
  signal(signal: NodeJS.Signals): void
  /** The first of these events, if it has come. */
  saidBefore<Event extends Said['event']>(event: Event): Heard<Event> | undefined
  /** All of what it wrote, for a message. */
  readonly said: string
}

/** Somebody waited for something that did not come. */
export class Stalled extends Error {}

/** With a mutant, one function of the library is another one in that process (guarantees/mutants). */
export function startProgram(name: string, args: readonly string[], mutant: string | null = null): Program {
  const loading = mutant === null ? [] : ['--import', mutantLoader]
  const env = { ...process.env, ...(mutant !== null && { BOLETIA_MUTANT: mutant }) }
  const child = spawn(process.execPath, [...loading, programPath(name), ...args], { env })
  const heard: Said[] = []
  let end: End | null = null
  let errors = ''
  let changed = () => undefined as void
  let change = new Promise<void>((resolve) => (changed = resolve))
  const news = () => {
    changed()
    change = new Promise((resolve) => (changed = resolve))
  }
  // A process that was just killed may not take its order any more.
  child.stdin.on('error', () => undefined)
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()))
  createInterface({ input: child.stdout }).on('line', (line) => {
    heard.push(JSON.parse(line) as Said)
    news()
  })
  const exited = (async () => {
    end = await exitOf(child)
    news()
  })()

  /** Looks after each piece of news. */
  async function until<T>(withinMs: number, what: string, look: () => T | null): Promise<T> {
    const deadline = performance.now() + withinMs
    for (;;) {
      const found = look()
      if (found !== null) return found
      const left = deadline - performance.now()
      if (left <= 0) throw new Stalled(`${name} ${args.at(-1) ?? ''}: no ${what} in ${withinMs} ms; ${summary()}`)
      let timer!: NodeJS.Timeout
      await Promise.race([change, new Promise((resolve) => (timer = setTimeout(resolve, left)))])
      clearTimeout(timer)
    }
  }
  function first<Event extends Said['event']>(...events: readonly Event[]): Heard<Event> | undefined {
    return heard.find((said): said is Heard<Event> => events.includes(said.event as Event))
  }
  const summary = () => `it said ${heard.map((said) => JSON.stringify(said)).join(' ') || 'nothing'} ${errors}`.trim()

  return {
    pid: child.pid!,
    order: (order) => void child.stdin.write(`${JSON.stringify(order)}\n`),
    heard: (withinMs, ...events) =>
      until(withinMs, events.join(' or '), () => {
        const found = first(...events)
        if (found !== undefined) return found
        if (end !== null) throw new Error(`${name} ended without ${events.join(' or ')}: ${JSON.stringify(end)}; ${summary()}`)
        return null
      }),
    ended: (withinMs) => until(withinMs, 'end', () => end),
    signal: (signal) => void child.kill(signal),
    saidBefore: (event) => first(event),
    get said() {
      return summary()
    },
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL')
      await exited
    },
  }
}

/** Its end and its last line: the pipes are read to their ends. */
function exitOf(child: ChildProcessWithoutNullStreams): Promise<End> {
  return new Promise((resolve, reject) => {
    let at = 0
    child.once('error', reject)
    child.once('exit', () => (at = Date.now()))
    child.once('close', (code, signal) => resolve({ code, signal, at }))
  })
}
