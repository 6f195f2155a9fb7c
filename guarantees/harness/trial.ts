import { setTimeout as delay } from 'node:timers/promises'
import type { CrashPoint } from '@boletia/streams-core/testing'
import type { Db, MongoClient } from 'mongodb'
import { type Counts, count } from './count.js'
import { type Fault, arm, disarm } from './faults.js'
import type { Mode } from './orders.js'
import type { OwnDatabase } from './ownDatabase.js'
import { isBeforeOwner, mayEndCleanly, places } from './places.js'
import type { Program } from './program.js'
import { Unexpected, ambushAt, ordinary, workers } from './workers.js'
import { writer } from './writer.js'

export interface TrialOptions {
  /** Of a user who may do everything. */
  readonly client: MongoClient
  readonly database: OwnDatabase
  readonly mode: Mode
  /** A function of the library that is another one in the workers (guarantees/mutants). */
  readonly mutant?: string | null
  /** How long a process may take for a step before the trial gives up; a machine that is busy with other things takes ten times longer than a quiet one. */
  readonly patienceMs?: number
  /** How long a worker may take to catch up, twice, before the verdict calls the stream stuck. */
  readonly stuckAfterMs?: number
}

export interface Kill {
  readonly point: CrashPoint
  readonly nth: number
  readonly fault?: Fault | null
  readonly ttlMs?: number
}

export interface Zombie {
  readonly point: CrashPoint
  readonly nth: number
  readonly fault?: Fault | null
  readonly ttlMs: number
  /** When it wakes up: once its successor has settled a change, or so long after it froze, which may be before it has lost its lease. */
  readonly thaw: 'fenced' | number
  /** Where it freezes for good, should it ever come there after waking up. */
  readonly again?: CrashPoint
  /** One change and no more is there until it is frozen: with others at hand a worker asks for its lease before it goes on. */
  readonly onlyOne?: boolean
}

/** Milliseconds from a death or a freeze to the fence of the next owner; null when there was nothing to wait for. */
export interface Outcome {
  readonly takeoverMs: number | null
}

export interface Verdict extends Counts {
  readonly kills: number
  readonly zombies: number
}

/** One stream in a database of its own whose workers are killed and frozen while changes are written. */
export interface Trial extends AsyncDisposable {
  readonly db: Db
  readonly database: OwnDatabase
  /** A worker that kills itself at a crash point. */
  kill(kill: Kill): Promise<Outcome>
  /** A worker that is killed so many milliseconds after it began to read. */
  killAfter(ms: number): Promise<Outcome>
  /** A worker that freezes at a crash point while another one stands by, which is killed in the end. `code`: how the zombie ended. */
  zombie(zombie: Zombie): Promise<Outcome & { readonly code: string }>
  /** An operator who moves the position and kills himself at a crash point. */
  move(point: CrashPoint, byMs: number): Promise<void>
  write(changes: number): Promise<void>
  /** Writes so many at once. */
  burst(changes: number): Promise<void>
  /** Lets a worker catch up and end, then counts. */
  verdict(): Promise<Verdict>
}

// Writing ends with what it is for; more than this is needed only by a worker that is stuck. Several changes may share a batch or a checkpoint.
const enough = 20_000

export function startTrial({
  client,
  database,
  mode,
  mutant = null,
  patienceMs = 60_000,
  stuckAfterMs = 30_000,
}: TrialOptions): Trial {
  const db = client.db(database.name)
  const source = writer(db)
  const pool = workers({ uri: database.uri, mode, mutant, patienceMs })
  let zombies = 0

  /** Writes so many changes, fewer if `during` is settled before; none before there is a position, behind which no change is lost. */
  async function writingDuring<T>(changes: number, during: Promise<T>): Promise<T> {
    const over = new AbortController()
    const writing = (async () => {
      while (!over.signal.aborted && (await db.collection('stream').countDocuments()) === 0) await delay(5)
      await source.writeDuring(over.signal, changes)
    })()
    writing.catch(() => undefined)
    try {
      return await during
    } finally {
      over.abort()
      await writing
    }
  }

  /** Changes for a worker that is to come to `point`; one that has to catch up first gets none. */
  const changesFor = (point: CrashPoint) => (places[point].quiet || isBeforeOwner(point) ? 0 : enough)

  /** What a zombie did after it woke up behind its successor. */
  async function woken(zombie: Program, point: CrashPoint): Promise<string> {
    const said = await zombie.heard(patienceMs, 'failed', 'ended', 'signal again')
    if (said.event === 'signal again') return 'frozen again'
    await zombie.ended(patienceMs)
    const code = said.event === 'failed' ? said.code : said.event
    const expected = isBeforeOwner(point) ? 'LEASE_HELD' : 'FENCED'
    if (code !== expected && !(code === 'ended' && mayEndCleanly(point)))
      throw new Unexpected(`a zombie of ${point} ended with ${code}: ${zombie.said}`)
    return code
  }

  /** A zombie that wakes up early goes on as the owner, or finds out that it is none; it is killed a moment later. */
  async function wokenEarly(zombie: Program, ttlMs: number): Promise<string> {
    await delay(ttlMs / 4)
    zombie.signal('SIGKILL')
    const { signal, at } = await zombie.ended(patienceMs)
    if (signal !== 'SIGKILL') return 'fenced early'
    pool.kills += 1
    pool.diedAt = at
    return 'killed early'
  }

  return {
    db,
    database,
    write: (changes) => source.write(changes),
    burst: (changes) => source.burst(changes),

    async kill({ point, nth, fault = null, ttlMs = ordinary.ttlMs }) {
      const since = pool.diedAt
      const worker = pool.next()
      if (fault !== null) await arm(client, fault)
      worker.order({
        ...ordinary,
        ttlMs,
        ambushes: [ambushAt(point, nth, 'SIGKILL')],
        untilCaughtUp: places[point].quiet,
      })
      await writingDuring(changesFor(point), pool.died(worker))
      if (fault !== null) await disarm(client)
      return { takeoverMs: pool.tookOver(worker, since) }
    },

    async killAfter(ms) {
      const since = pool.diedAt
      const worker = pool.next()
      worker.order(ordinary)
      const killing = (async () => {
        await worker.heard(patienceMs, 'opened')
        await delay(ms)
        await pool.kill(worker)
      })()
      await writingDuring(ms / 5, killing)
      return { takeoverMs: pool.tookOver(worker, since) }
    },

    async zombie({ point, nth, fault = null, ttlMs, thaw, again, onlyOne = false }) {
      if (onlyOne) await source.write(1)
      const zombie = pool.next()
      const standby = pool.next()
      await standby.heard(patienceMs, 'warm')
      if (fault !== null) await arm(client, fault)
      const ambushes = [ambushAt(point, nth, 'SIGSTOP'), ...(again === undefined ? [] : [ambushAt(again, 1, 'SIGSTOP')])]
      zombie.order({ ...ordinary, ttlMs, ambushes, untilCaughtUp: places[point].quiet })
      // Its successor comes only now: on a busy machine it might take the lease before.
      const frozen = await writingDuring(onlyOne ? 0 : changesFor(point), zombie.heard(patienceMs, 'signal'))
      // Its own lease is long: were it starved beyond a short one, a zombie that was not the owner yet would get the stream.
      standby.order({ ...ordinary, standby: true })
      zombies += 1
      pool.diedAt = isBeforeOwner(point) || point === 'release.leaseReleased' ? null : frozen.at
      if (fault !== null) await disarm(client)

      const thawing = (async () => {
        if (thaw === 'fenced') await standby.heard(patienceMs, 'settled')
        else await delay(thaw)
        zombie.signal('SIGCONT')
        if (thaw === 'fenced') return await woken(zombie, point)
        const early = await wokenEarly(zombie, ttlMs)
        await standby.heard(patienceMs, 'settled')
        return early
      })()
      const code = await writingDuring(enough, thawing)
      const takeoverMs = pool.tookOver(standby, pool.diedAt)
      await pool.kill(standby)
      return { code, takeoverMs }
    },

    async move(point, byMs) {
      const operator = pool.operator()
      operator.order({ ambushes: [ambushAt(point, 1, 'SIGKILL')], byMs })
      await pool.died(operator)
    },

    async verdict() {
      await disarm(client)
      pool.diedAt = null
      await source.write(1)
      const last = pool.next()
      const catchUp = async () => {
        // Not of the stream's time: Node takes its own to start.
        await last.heard(patienceMs, 'warm')
        last.order({ ...ordinary, untilCaughtUp: true })
        await last.heard(2 * stuckAfterMs, 'ended')
      }
      const caughtUp = await catchUp()
        .then(() => true)
        .catch(() => false)
      if (caughtUp) await last.ended(patienceMs)
      else last.signal('SIGKILL')
      const counts = await count(database.rootUri, mode)
      const { kills } = pool
      // At least once: what was in hand may come again, once for each process that did not end by itself. Lanes: what was not saved, too.
      const tooOften = mode === 'handle' ? Math.max(0, counts.repeated - kills - zombies) : 0
      return { ...counts, doubled: counts.doubled + tooOften, stuck: Math.max(counts.stuck, caughtUp ? 0 : 1), kills, zombies }
    },

    [Symbol.asyncDispose]: () => pool[Symbol.asyncDispose](),
  }
}
