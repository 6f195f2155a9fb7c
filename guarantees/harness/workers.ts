import type { Ambush, Mode, WorkOrder } from './orders.js'
import { type End, type Program, startProgram } from './program.js'

/** A process did something that no crash explains. */
export class Unexpected extends Error {}

export interface WorkersOptions {
  readonly uri: string
  readonly mode: Mode
  readonly mutant: string | null
  readonly patienceMs: number
}

/** The processes of one trial: warm ones in stock, and how the last one died. */
export interface Workers extends AsyncDisposable {
  /** A warm worker; the ones after it are already starting. */
  next(): Program
  operator(): Program
  /** Resolves when the process has died of SIGKILL; rejects when it ended in another way. */
  died(program: Program): Promise<End>
  kill(program: Program): Promise<End>
  /** Milliseconds from `since` to the fence of this worker; null when there was none. */
  tookOver(worker: Program, since: number | null): number | null
  /** The wall clock at the last death; null when the last one ended by itself. */
  diedAt: number | null
  kills: number
}

export const ordinary: WorkOrder = { ambushes: [], ttlMs: 10_000, standby: false, untilCaughtUp: false }

export const ambushAt = (point: Ambush['point'], nth: number, signal: Ambush['signal']): Ambush => ({ point, nth, signal })

/** How a process died of SIGKILL; rejects when it ended in another way: then the point at which it was to die was never reached. */
export async function diedOfKill(program: Program, withinMs: number): Promise<End> {
  const end = await program.ended(withinMs)
  if (end.signal !== 'SIGKILL') throw new Unexpected(`a process ended by itself: ${program.said}`)
  return end
}

// A round takes up to two, and a process needs some time until it is warm.
const stock = 3

export function workers({ uri, mode, mutant, patienceMs }: WorkersOptions): Workers {
  const program = mode === 'effect first' || mode === 'token first' ? 'naive' : 'worker'
  const started: Program[] = []
  const warm: Program[] = []
  const start = (name: string) => {
    const child = startProgram(name, [uri, mode], mutant)
    started.push(child)
    return child
  }

  return {
    diedAt: null,
    kills: 0,

    next() {
      while (warm.length < stock) warm.push(start(program))
      return warm.shift()!
    },

    operator: () => start('operator'),

    async died(child) {
      const end = await diedOfKill(child, patienceMs)
      this.diedAt = end.at
      this.kills += 1
      return end
    },

    async kill(child) {
      child.signal('SIGKILL')
      return await this.died(child)
    },

    tookOver(worker, since) {
      const at = worker.saidBefore('fenced')?.at
      return since === null || at === undefined || at < since ? null : at - since
    },

    async [Symbol.asyncDispose]() {
      await Promise.all(started.map((child) => child[Symbol.asyncDispose]()))
    },
  }
}
