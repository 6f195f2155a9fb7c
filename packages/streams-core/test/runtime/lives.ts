import fc from 'fast-check'
import { setImmediate as turn } from 'node:timers/promises'
import type { Context } from '../../src/index.js'
import type { Advance, ChangeSource, CheckpointStore } from '../../src/ports.js'
import { type Bench, bench, start } from './bench.js'

/** What may happen to one run; numbers count its events from the beginning, 0 = at the first one, null = never. */
export interface Leg {
  /** Everything stops dead at this event: no answer, no release. */
  readonly crash: number | null
  /** The run is asked to stop when so many changes were handed over. */
  readonly stop: number | null
  /** The handler fails for good at this change (by number). */
  readonly fails: number | null
  /** Changes whose first attempt in this run fails, and whose second succeeds; absent: none. */
  readonly stumbles?: readonly number[]
  /** Reads and commits that fail in a way that may pass. */
  readonly badReads: readonly number[]
  readonly badCommits: readonly { readonly nth: number; readonly landed: boolean }[]
}

export interface Life {
  readonly concurrency: number
  /** One change each, in stream order; null = unknown. */
  readonly keys: readonly (string | null)[]
  /** How many turns of the event loop each change takes its handler. */
  readonly turns: readonly number[]
  readonly legs: readonly Leg[]
}

const sometimes = (max: number) => fc.option(fc.nat(max), { freq: 2 })
const leg: fc.Arbitrary<Leg> = fc.record({
  crash: sometimes(40),
  stop: sometimes(20),
  fails: sometimes(30),
  badReads: fc.array(fc.nat(20), { maxLength: 3 }),
  badCommits: fc.array(fc.record({ nth: fc.nat(6), landed: fc.boolean() }), { maxLength: 2 }),
})

export const lives: fc.Arbitrary<Life> = fc.record({
  concurrency: fc.integer({ min: 1, max: 4 }),
  keys: fc.array(fc.option(fc.constantFrom('a', 'b', 'c', 'd'), { freq: 12 }), { minLength: 1, maxLength: 30 }),
  turns: fc.array(fc.nat(4), { minLength: 30, maxLength: 30 }),
  legs: fc.array(leg, { maxLength: 4 }),
})

export type Event =
  | { readonly kind: 'run' | 'asked to stop' }
  | { readonly kind: 'begun' | 'settled'; readonly id: number }
  /** The saved position: everything up to this change counts as done. */
  | { readonly kind: 'saved'; readonly upTo: number }

/** Lives it through, then once more without any fault, up to the end. */
export async function live(life: Life): Promise<Event[]> {
  const at = bench()
  const first = await start(at, { handle: () => undefined })
  const tokens = [first.position!.token, ...life.keys.map((_, id) => at.source.insert({ _id: id }).token)]
  const events: Event[] = []
  const calm: Leg = { crash: null, stop: null, fails: null, badReads: [], badCommits: [] }
  for (const each of [...life.legs, calm]) {
    events.push({ kind: 'run' })
    await oneRun({ ...at, stop: new AbortController() }, life, each, events, tokens)
  }
  return events
}

const closed = () => Object.assign(new Error('connection closed'), { name: 'MongoNetworkError' })

async function oneRun(at: Bench, life: Life, leg: Leg, events: Event[], tokens: readonly string[]): Promise<void> {
  let count = 0
  let dead = false
  let crashed!: () => void
  const crash = new Promise<void>((resolve) => (crashed = resolve))
  const died = new Promise<never>(() => undefined)
  /** The dead do nothing any more, and say nothing. */
  async function step(): Promise<void> {
    if (!dead && count === leg.crash) {
      dead = true
      crashed()
    }
    count += 1
    if (dead) await died
  }
  const say = (event: Event) => void events.push(event)

  let reads = 0
  const source: ChangeSource = {
    ...at.source,
    async open(from) {
      const reader = await at.source.open(from)
      return {
        get reached() {
          return reader.reached
        },
        async next(signal) {
          await step()
          const bad = leg.badReads.includes(reads)
          reads += 1
          if (bad) throw closed()
          return await reader.next(signal)
        },
        [Symbol.asyncDispose]: () => reader[Symbol.asyncDispose](),
      }
    },
  }

  let commits = 0
  const { store } = at.state
  const flaky: CheckpointStore = {
    ...store,
    async commit(claim, advance: Advance) {
      await step()
      const bad = leg.badCommits.find(({ nth }) => nth === commits)
      commits += 1
      if (bad?.landed === false) throw closed()
      await turn()
      if (dead) await died
      const outcome = await store.commit(claim, advance)
      if (outcome.kind === 'committed')
        say({ kind: 'saved', upTo: tokens.filter((token) => token <= advance.position.token).length - 2 })
      await step()
      if (bad !== undefined) throw closed()
      return outcome
    },
    async release(...args) {
      if (dead) await died
      await store.release(...args)
    },
  }

  let handed = 0
  async function handle(change: { documentKey?: { _id: unknown } }, { attempt }: Context): Promise<void> {
    const id = change.documentKey!._id as number
    // Settling and beginning the next one are some steps of the promise queue apart: a crash may come in between.
    if (dead) await died
    say({ kind: 'begun', id })
    handed += 1
    if (handed === leg.stop) {
      say({ kind: 'asked to stop' })
      at.stop.abort(new Error('enough'))
    }
    for (let turns = life.turns[id]!; turns > 0; turns -= 1) await turn()
    await step()
    if (attempt === 1 && leg.stumbles?.includes(id)) throw new Error('not yet')
    if (id === leg.fails) throw new Error('broken')
    say({ kind: 'settled', id })
  }

  // Short waits take a turn; the lease's are never over.
  const clock = { ...at.clock, sleep: (ms: number, signal: AbortSignal) => (ms < 3000 ? turn() : at.clock.sleep(ms, signal)) }
  const key = (change: { documentKey?: { _id: unknown } }) => life.keys[change.documentKey!._id as number] ?? undefined
  const running = start(
    at,
    { handle, key, concurrency: life.concurrency, ...(leg.stumbles && { retry: { attempts: 2, minDelayMs: 1, maxDelayMs: 1 } }) },
    { until: 'caught-up' },
    { source, store: flaky, clock, takeOver: true },
  )
  // The reason of a failed run is not in question here, only what it did.
  await Promise.race([running.catch(() => undefined), crash])
}
