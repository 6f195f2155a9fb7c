import { unobserved } from '../../src/core/crashPoints.js'
import { type Context, type RunSummary, type StreamOptions, defineStream } from '../../src/index.js'
import type { ChangeSource, Delivered, Fenced } from '../../src/ports.js'
import type { RunOptions } from '../../src/runOptions.js'
import { type RunView, run } from '../../src/runtime/run.js'
import { Tally } from '../../src/runtime/tally.js'
import type { Worker } from '../../src/runtime/worker.js'
import { silentLog } from '../../src/silentLog.js'
import {
  type ManualClock,
  type MemoryChangeSource,
  type MemoryState,
  manualClock,
  memoryChangeSource,
  memoryState,
} from '../../src/testing/index.js'

/** The in-memory twins that a run works with. */
export interface Bench {
  readonly source: MemoryChangeSource
  readonly state: MemoryState
  readonly clock: ManualClock
  readonly stop: AbortController
}

export function bench(): Bench {
  const clock = manualClock()
  return { source: memoryChangeSource(), state: memoryState(['things'], clock), clock, stop: new AbortController() }
}

/** Somebody else becomes the owner, and leaves again without releasing the checkpoint. */
export async function takeOver({ state }: Bench, owner: string): Promise<Fenced> {
  const over = (await state.leases.load('s'))!.epoch
  const acquired = await state.leases.acquire({ name: 's', owner, process: null, ttlMs: 10_000, over })
  if (acquired.kind === 'held') throw new Error('held')
  const fenced = await state.store.fence('s', acquired.epoch, owner, 'f')
  await state.leases.release('s', acquired.epoch)
  return fenced!
}

export type Work = Pick<StreamOptions, 'handle'> | Pick<StreamOptions, 'project'>

/** One run of a stream called `s`. */
export function start(
  { source, state, clock, stop }: Bench,
  options: Partial<Omit<StreamOptions, 'handle' | 'project'>> & Work,
  ending: Pick<RunOptions, 'until' | 'max'> = { until: 'caught-up' },
  worker: Partial<Worker> = {},
): Promise<RunSummary> {
  const view: RunView = { phase: 'starting', progress: null, claimed: () => undefined }
  const stream = defineStream({ name: 's', targets: { things: { collection: 'things' } }, retry: { attempts: 1 }, ...options })
  const whole: Worker = {
    stream,
    owner: 'me',
    fingerprint: 'f',
    acceptDrift: false,
    source,
    store: state.store,
    leases: state.leases,
    pauses: null,
    ttlMs: 10_000,
    standby: false,
    hold: false,
    takeOver: false,
    headroomWarning: 0,
    process: null,
    isGone: () => false,
    keyText: String,
    targets: state.targets,
    letters: state.letters,
    clock,
    random: () => 0,
    log: silentLog,
    observer: {},
    tally: new Tally(),
    tracer: null,
    passing: unobserved,
    signal: stop.signal,
    ...worker,
  }
  return run(whole, view, ending)
}

/** A handler that keeps what it was given. */
export const recorder = () => {
  const seen: { readonly id: unknown; readonly context: Context }[] = []
  return {
    seen,
    ids: () => seen.map(({ id }) => id),
    handle: async (change: { documentKey?: { _id: unknown } }, context: Context) =>
      void seen.push({ id: change.documentKey?._id, context }),
  }
}

/** The same source, whose reader gives as many changes at once as there are, of this size each; counts what was read. */
export function inBatches({ source }: Bench, most: number, bytes: number): ChangeSource & { readonly read: () => number } {
  let read = 0
  return {
    ...source,
    read: () => read,
    async open(from) {
      const reader = await source.open(from)
      let kept: Awaited<ReturnType<typeof reader.next>> | null = null
      return {
        get reached() {
          return reader.reached
        },
        async next(signal) {
          const changes: Delivered[] = []
          for (;;) {
            const next = kept ?? (await reader.next(signal))
            kept = null
            if (next.kind !== 'changes') {
              if (changes.length === 0) return next
              kept = next
            } else changes.push(...next.changes.map((each) => ({ ...each, bytes })))
            if (kept === null && changes.length < most) continue
            read += changes.length
            return { kind: 'changes', changes }
          }
        },
        [Symbol.asyncDispose]: () => reader[Symbol.asyncDispose](),
      }
    },
  }
}
