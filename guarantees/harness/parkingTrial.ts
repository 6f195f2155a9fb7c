import { execFileSync } from 'node:child_process'
import { setTimeout as delay } from 'node:timers/promises'
import { planLetters, redriveLetters } from '@boletia/streams-core/admin'
import type { CrashPoint } from '@boletia/streams-core/testing'
import { MongoClient } from 'mongodb'
import type { OwnDatabase } from './ownDatabase.js'
import { programPath } from './paths.js'
import type { Numbered, ParkingKind } from './poison.js'
import { type Program, startProgram } from './program.js'
import { Unexpected, diedOfKill } from './workers.js'

const within = 120_000

/** What the checker (programs/equation.ts) printed. */
export interface Equation {
  readonly source: number
  readonly handled: number
  readonly parked: number
  readonly held: number
  /** Changes that are nowhere, and that are in two places. */
  readonly nowhere: number
  readonly twice: number
  /** Keys in which a change was handled before an earlier one. */
  readonly overtaken: number
  /** How often a change was handled again. */
  readonly repeated: number
}

/** `broken`: the handler cannot handle one of the changes (harness/poison.ts). */
export type Handling = 'broken' | 'mended'

/** A stream that parks, in a database of its own, whose workers are killed. */
export interface ParkingTrial {
  /** With a crash point it kills itself when it passes that for the nth time. */
  start(handling: Handling, how: 'on' | 'once', at?: CrashPoint, nth?: number): Program
  /** Lets a worker catch up, put back what is marked, and end. */
  toEnd(handling: Handling): Promise<void>
  /** Lets a worker run that stops at what it cannot handle. Gives the token that its error names; null when it caught up. */
  halting(handling: Handling): Promise<string | null>
  /** An operator who parks the change of a token, and kills himself at a crash point. */
  killSkipAt(token: string, point: CrashPoint): Promise<void>
  /** A worker that kills itself at a crash point. */
  killAt(handling: Handling, point: CrashPoint): Promise<void>
  /** A worker that is killed so many milliseconds after it began to read. */
  killAfter(worker: Program, ms: number): Promise<void>
  /** How many changes are parked or held. */
  left(): Promise<number>
  /** An operator wants everything put back that is parked; a live worker of the stream is told to. */
  mark(): Promise<void>
  /** Round `n`: one change of each key. */
  write(n: number): Promise<void>
  /** Where each change is, told by another process with the bare driver. */
  equation(): Equation
}

export interface ParkingTrialOptions {
  /** Of a user who may do everything. */
  readonly client: MongoClient
  readonly database: OwnDatabase
  readonly kind: ParkingKind
  readonly keys: readonly number[]
  /** A module of the library that is another one in the workers (guarantees/mutants). */
  readonly mutant?: string
}

export function parkingTrial({
  client,
  database: { name, uri, rootUri },
  kind,
  keys,
  mutant,
}: ParkingTrialOptions): ParkingTrial {
  const db = client.db(name)
  const durable = { writeConcern: { w: 'majority' as const } }
  const run = (...args: readonly string[]) => startProgram('parking', [uri, kind, ...args], mutant ?? null)

  const killed = (worker: Program) => diedOfKill(worker, within)

  return {
    start: (handling, how, at, nth = 1) => run(handling, how, ...(at === undefined ? [] : [at, String(nth)])),

    async toEnd(handling) {
      await using last = run(handling, 'once')
      await last.heard(within, 'ended')
    },

    async halting(handling) {
      await using last = run(handling, 'halting')
      const said = await last.heard(within, 'ended', 'failed')
      if (said.event === 'ended') return null
      if (said.code !== 'HANDLER_FAILED' || said.token === undefined) throw new Unexpected(last.said)
      return said.token
    },

    async killSkipAt(token, point) {
      await using operator = startProgram('skip', [uri, kind, token, point])
      await killed(operator)
    },

    async killAt(handling, point) {
      await using worker = run(handling, 'once', point)
      await killed(worker)
    },

    async killAfter(worker, ms) {
      await worker.heard(within, 'opened')
      await delay(ms)
      worker.signal('SIGKILL')
      await killed(worker)
    },

    left: () => db.collection('stream.deadLetters').countDocuments(),

    async mark() {
      await using operator = new MongoClient(uri)
      const admin = { client: operator, streams: [] }
      const { left } = await redriveLetters(admin, await planLetters(admin, 'parking', {}), { by: 'ana', reason: null })
      if (left !== null) throw new Unexpected('no worker was there to put anything back')
    },

    async write(n) {
      if (n === 0 && kind === 'guarded') {
        // The guarded update of a missing document does nothing.
        const targets = keys.map((_id) => ({ _id, done: [] }))
        await db.collection<{ _id: number; done: number[] }>('target').insertMany(targets, durable)
      }
      await db.collection<Numbered>('source').insertMany(
        keys.map((key) => ({ _id: `${key}-${n}`, key, n })),
        durable,
      )
    },

    equation: () =>
      JSON.parse(execFileSync(process.execPath, [programPath('equation'), rootUri], { encoding: 'utf8' })) as Equation,
  }
}
