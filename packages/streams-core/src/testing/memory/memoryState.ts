import type { Collection } from 'mongodb'
import { blankCheckpoint } from '../../core/blankCheckpoint.js'
import { committedCheckpoint, fencedCheckpoint, refusedCheckpoint, releasedCheckpoint } from '../../core/checkpointTransitions.js'
import { commitOutcome } from '../../core/commitOutcome.js'
import { type Passing, unobserved } from '../../core/crashPoints.js'
import { type Position, compareTimes } from '../../core/position.js'
import { unknownCommit } from '../../core/unknownCommit.js'
import { nothingWritten } from '../../core/written.js'
import type {
  Advance,
  Checkpoint,
  CheckpointStore,
  Claim,
  Clock,
  CommitOutcome,
  DeadLetterStore,
  LeaseStore,
  NewLetter,
  TargetStore,
} from '../../ports.js'
import { StreamError } from '../../streamError.js'
import { memoryDeadLetters } from './memoryDeadLetters.js'
import { memoryLeases } from './memoryLeases.js'
import type { Write } from '../../write.js'

/** The in-memory twin of a database that holds checkpoints and targets, so that a transaction spans both. */
export interface MemoryState {
  readonly store: CheckpointStore
  /** What `store` holds, by stream name. */
  readonly saved: ReadonlyMap<string, Checkpoint>
  /** On the clock that was given. */
  readonly leases: LeaseStore
  /** `apply` keeps the writes in `applied`; it does not interpret them. */
  readonly targets: TargetStore
  readonly applied: readonly Write[]
  readonly letters: DeadLetterStore
  /** What `letters` holds. */
  readonly parked: ReadonlyMap<string, NewLetter>
  /** Keys of letters that are to be put back. */
  readonly marked: Set<string>
  /** What an older service left, by stream name. */
  readonly older: Map<string, Position>
}

export function memoryState(
  aliases: readonly string[] = [],
  clock: Pick<Clock, 'now'> = { now: () => 0 },
  passing: Passing = unobserved,
): MemoryState {
  const saved = new Map<string, Checkpoint>()
  const older = new Map<string, Position>()
  const applied: Write[] = []
  const parked = new Map<string, NewLetter>()
  const marked = new Set<string>()

  const create = (name: string, fields: Partial<Checkpoint>) => {
    if (!saved.has(name)) saved.set(name, { ...blankCheckpoint, name, ...fields })
  }

  function advance(claim: Claim, to: Advance): CommitOutcome | null {
    const now = saved.get(claim.name)
    const next = now === undefined ? null : committedCheckpoint(now, claim, to)
    if (next === null) return null
    saved.set(claim.name, next)
    return { kind: 'committed', claim: { ...claim, rev: next.rev } }
  }

  const store: CheckpointStore = {
    load: async (name) => saved.get(name) ?? null,
    async adopt(name, fingerprint) {
      const found = older.get(name)
      const own = saved.get(name)
      if (own !== undefined) {
        if (own.adopted === null || found === undefined || found.token === own.adopted.token) return own
        throw new StreamError('OLDER_SERVICE_RUNNING', `stream ${name}: the older service still moves its position`)
      }
      if (found !== undefined)
        create(name, { position: { ...found, by: 'foreign' }, fingerprint, adopted: { token: found.token, at: new Date(0) } })
      return saved.get(name) ?? null
    },
    create: async (name, first, fingerprint) => create(name, { position: first, fingerprint }),
    async fence(name, epoch, owner, fingerprint) {
      const before = saved.get(name)
      if (before === undefined) throw new Error(`no state of stream ${name}`)
      const fenced = fencedCheckpoint(before, { epoch, owner, fingerprint })
      if (fenced !== null) saved.set(name, fenced.checkpoint)
      return fenced
    },
    commit: async (claim, to) => advance(claim, to) ?? commitOutcome(claim, to, saved.get(claim.name) ?? null),
    async commitWith(claim, to, effects) {
      const before = saved.get(claim.name)
      const length = applied.length
      const lettersBefore = [...parked]
      const outcome = advance(claim, to)
      if (outcome === null) return commitOutcome(claim, to, before ?? null)
      try {
        passing('transaction.checkpointWritten')
        await effects(undefined)
        passing('transaction.committing')
      } catch (error) {
        if (before !== undefined) saved.set(claim.name, before)
        applied.length = length
        parked.clear()
        for (const [id, letter] of lettersBefore) parked.set(id, letter)
        throw error
      }
      passing('transaction.committed')
      return outcome
    },
    async lost({ name, epoch }, _position, gap) {
      const now = saved.get(name)
      if (now === undefined || now.epoch !== epoch || now.gaps.some(({ from }) => compareTimes(from, gap.from) === 0)) return
      saved.set(name, { ...now, gaps: [...now.gaps, gap] })
    },
    async prepare() {},
    async tell({ name, gap, skipped }) {
      const now = saved.get(name)
      if (now === undefined) return
      saved.set(name, {
        ...now,
        gaps: gap === undefined ? now.gaps : [...now.gaps, gap],
        skipped: skipped === undefined ? now.skipped : [...now.skipped, skipped],
      })
    },
    async settleUnknown(claim, to, from) {
      const raised = advance(claim, { position: from, settled: false, uuid: null })
      if (raised?.kind === 'committed') return { kind: 'not landed', claim: raised.claim }
      return unknownCommit(claim, to, from, saved.get(claim.name) ?? null)
    },
    async release(claim, error, inDoubt) {
      const now = saved.get(claim.name)
      const next = now === undefined ? null : releasedCheckpoint(now, claim, error, inDoubt)
      if (next !== null) saved.set(claim.name, next)
    },
    async refuse(seen, error) {
      const now = saved.get(seen.name)
      const next = now === undefined ? null : refusedCheckpoint(now, seen, error)
      if (next !== null) saved.set(seen.name, next)
    },
  }

  const targets: TargetStore = {
    besideCheckpoint: true,
    async ensure() {},
    async apply(writes) {
      for (const write of writes) known(write.target)
      applied.push(...writes)
      return nothingWritten
    },
    collection(alias): Collection {
      known(alias)
      throw new StreamError(
        'INVALID_OPTIONS',
        `target ${alias} is in memory: it has no driver collection; test a handle that uses one on a real mongod`,
      )
    },
  }

  const known = (alias: string) => {
    if (!aliases.includes(alias))
      throw new StreamError('INVALID_STREAM', `no target is called ${alias} (defined: ${aliases.join(', ') || 'none'})`)
  }

  const leases = memoryLeases(clock, (name) => saved.get(name)?.epoch ?? 0)
  return { store, saved, leases, targets, applied, letters: memoryDeadLetters(parked, marked), parked, marked, older }
}
