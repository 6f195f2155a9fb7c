import { setImmediate as turn } from 'node:timers/promises'
import type { Collection, Document } from 'mongodb'
import type { Change } from '../change.js'
import { clientMatch, everything } from '../core/clientMatch.js'
import type { CrashPoint } from '../core/crashPoints.js'
import type { Position } from '../core/position.js'
import { keyText } from '../mongo/documentIds.js'
import type { RunSummary } from '../runOptions.js'
import { run } from '../runtime/run.js'
import { Tally } from '../runtime/tally.js'
import type { Worker } from '../runtime/worker.js'
import { silentLog } from '../silentLog.js'
import type { Stream } from '../stream.js'
import { StreamError } from '../streamError.js'
import { mortal } from './faults/mortal.js'
import { type Trouble, unsteadySource, unsteadyStore } from './faults/unsteady.js'
import type { RunInMemory, SettledChange, StreamInMemory } from './streamInMemory.js'
import { manualClock } from './memory/manualClock.js'
import { memoryChangeSource } from './memory/memoryChangeSource.js'
import { memoryState } from './memory/memoryState.js'

export interface InMemoryOptions {
  /**
   * Collections behind the stream's targets, for a `handle` that writes: of a real server, because there are none in memory. The writes of a
   * `project` need none: they are kept in `written`.
   */
  readonly collections?: Readonly<Record<string, Collection>>
  /** The changes that are added have passed the stream's pipeline already: for one that only a server can evaluate. */
  readonly matched?: boolean
}

// Short waits (between attempts, before reading again) are over at once; those of a lease never are.
const shortMs = 3000

/**
 * Gives a stream a place in memory, and a position before every change that will be added.
 * @throws {StreamError} INVALID_OPTIONS when only a server can evaluate its pipeline (then give `matched`)
 */
export function inMemory<T extends Document>(stream: Stream<T>, options: InMemoryOptions = {}): StreamInMemory<T> {
  const { name } = stream
  const match = options.matched === true ? everything : clientMatch(stream.pipeline)
  if (match === null) {
    throw new StreamError(
      'INVALID_OPTIONS',
      `stream ${name}: only a server can evaluate its pipeline; add the changes that it lets through, and say so with { matched: true }`,
    )
  }
  const clock = manualClock()
  const source = memoryChangeSource(match)
  let hook: (point: CrashPoint) => void = () => undefined
  const state = memoryState(Object.keys(stream.targets), clock, (point) => hook(point))
  const trouble: Trouble = { read: false, commit: null }
  const settled: SettledChange[] = []
  const dead = new Set<number>()
  const positions: Position[] = []
  let runs = 0
  // Before anything is added; in memory it is there at once.
  const created = source.anchor('now').then((first) => {
    positions.unshift(first)
    return state.store.create(name, first, fingerprint, 'test')
  })

  function worker(pid: number, standby: boolean, passing: (point: CrashPoint) => void): Worker {
    const life = {
      get dead() {
        return dead.has(pid)
      },
    }
    const targets = {
      ...state.targets,
      collection: (alias: string) => options.collections?.[alias] ?? state.targets.collection(alias),
    }
    return {
      stream: {
        ...(stream as unknown as Stream),
        work: mortal(stream.work, life),
        retry: { ...stream.retry, minDelayMs: 0, maxDelayMs: 0 },
      },
      owner: `test/${pid}`,
      fingerprint,
      acceptDrift: false,
      source: mortal(unsteadySource(source, trouble), life),
      store: mortal(unsteadyStore(state.store, trouble), life),
      leases: mortal(state.leases, life),
      pauses: null,
      ttlMs: 10_000,
      standby,
      hold: false,
      takeOver: false,
      headroomWarning: 0,
      process: { place: 'memory', pid, startedAt: '' },
      isGone: (process) => dead.has(process.pid),
      targets: mortal(targets, life),
      letters: mortal(state.letters, life),
      keyText,
      clock: mortal({ ...clock, sleep: (ms, until) => (ms < shortMs ? turn() : clock.sleep(ms, until)) }, life),
      random: () => 0,
      log: silentLog,
      tally: new Tally(),
      tracer: null,
      observer: {
        settled({ token, outcome }) {
          if (!life.dead) settled.push({ token, outcome })
        },
      },
      passing,
      signal: new AbortController().signal,
    }
  }

  async function start(options: RunInMemory, passing: (point: CrashPoint, pid: number) => void): Promise<RunSummary> {
    await created
    runs += 1
    const pid = runs
    const passes = (point: CrashPoint) => {
      if (dead.has(pid)) throw new Error('a dead process goes on')
      passing(point, pid)
    }
    hook = passes
    const { until = 'caught-up', max, standby = false } = options
    const view = { phase: 'starting' as const, progress: null, claimed: () => undefined }
    return await run(worker(pid, standby, passes), view, { until, ...(max !== undefined && { max }) })
  }

  async function crashAt(point: CrashPoint, nth = 1): Promise<void> {
    const passed = new Set<CrashPoint>()
    let left = nth
    let died!: () => void
    const death = new Promise<'died'>((resolve) => (died = () => resolve('died')))
    const running = start({}, (at, pid) => {
      passed.add(at)
      if (at === point) left -= 1
      if (left > 0) return
      dead.add(pid)
      died()
      throw new Error(`died at ${point}`)
    })
    running.catch(() => undefined)
    if ((await Promise.race([death, running])) === 'died') return
    throw new StreamError(
      'INVALID_OPTIONS',
      `stream ${name}: the run ended without passing ${point}${nth === 1 ? '' : ` ${nth} times`}; it passed ${[...passed].join(', ')}`,
    )
  }

  return {
    add(...changes) {
      source.add(...(changes as readonly Change[]))
      for (const change of changes) positions.push(positionOf(change))
    },
    run: async (options = {}) => await start(options, (point) => options.passing?.(point)),
    crashAt,
    async redrive() {
      for (const { key } of state.parked.values()) state.marked.add(key)
      return await start({ until: 'redriven' }, () => undefined)
    },
    async rewind(changes) {
      await created
      const { epoch, rev, position } = state.saved.get(name)!
      const back = positions.filter(({ token }) => token <= position!.token).at(-1 - changes) ?? positions[0]!
      await state.store.commit({ name, epoch, rev }, { position: back, settled: false, uuid: null })
    },
    faults: {
      historyLost: () => source.forget(),
      invalidate: () => void source.invalidate(),
      failover() {
        trouble.read = true
        trouble.commit = 'lost'
      },
      lostAnswer: () => void (trouble.commit = 'landed'),
      leaseTheft() {
        // In memory each of these is done when it is called: between two of them the run would go on.
        const epoch = state.saved.get(name)!.epoch
        void state.leases.acquire({ name, owner: 'thief', process: null, ttlMs: 10_000, over: epoch })
        void state.store.fence(name, epoch + 1, 'thief', fingerprint)
        void state.leases.release(name, epoch + 1)
      },
    },
    written: state.applied,
    settled,
    get parked() {
      return [...state.parked.values()].sort((a, b) => (a.position.token < b.position.token ? -1 : 1))
    },
    get position() {
      return state.saved.get(name)?.position ?? null
    },
  }
}

const fingerprint = 'in memory'

function positionOf({ _id, clusterTime }: Pick<Change, '_id' | 'clusterTime'>): Position {
  const { _data: token } = _id as { readonly _data: string }
  return { token, clusterTime: { t: clusterTime.getHighBitsUnsigned(), i: clusterTime.getLowBitsUnsigned() }, by: 'own' }
}

/** Runs a stream over changes, once, until it has caught up; gives what it left behind. Rejects as `runStream` does. */
export async function runInMemory<T extends Document>(
  stream: Stream<T>,
  changes: readonly Change<T>[],
  options: InMemoryOptions = {},
): Promise<StreamInMemory<T>> {
  const memory = inMemory(stream, options)
  memory.add(...changes)
  await memory.run()
  return memory
}
