import { type Document, MongoServerError } from 'mongodb'
import { type Passing, unobserved } from '../core/crashPoints.js'
import type { BatchTotals, Lease, LeaseStore, ProcessMark, ReaderKind, Vitals } from '../ports.js'
import type { OwnSessions, SessionId } from './ownSessions.js'
import { loggedInUser } from './loggedInUser.js'
import { gatheredUpdates } from './gatheredUpdates.js'
import { type ResolvedPlaces, durableCollection } from './places.js'

/**
 * Who may write a stream's checkpoint. Not in the checkpoint document: renewals would conflict with the worker's own open transaction.
 * Never deleted, its epoch never falls: a recreated one would let a zombie of a former life match again.
 */
interface LeaseDocument {
  readonly _id: string
  readonly v: number
  readonly owner: string | null
  readonly epoch: number
  readonly until: Date | null
  readonly process: ProcessMark | null
  /** Sessions whose operations must be killed before a new owner may rely on what it reads. */
  readonly sessions: readonly SessionId[]
  /** Who the last owner logged in as: only the same user can end these sessions. */
  readonly user?: string | null
  /** The owner's vitals at its last renewal or its release; absent before. */
  readonly reader?: ReaderKind | null
  readonly full?: boolean
  readonly batches?: BatchTotals | null
}

export interface MongoLeaseStore extends LeaseStore {
  /** Who the last owner logged in as, while it has sessions listed; null without logins, and when none are. */
  formerUser(name: string): Promise<string | null>
  /** The listed sessions of former owners. */
  formerSessions(name: string): Promise<readonly SessionId[]>
  /** Only our sessions stay listed: the former owners' are ended. False when there is another owner since. */
  settle(name: string, epoch: number): Promise<boolean>
}

/** `own`: null for a reader, which never acquires. `vitals`: null for an operator, whose moves leave those of the worker as they are. */
export function mongoLeaseStore(
  state: ResolvedPlaces['state'],
  own: OwnSessions | null,
  passing: Passing = unobserved,
  vitals: () => Vitals | null = () => null,
): MongoLeaseStore {
  const leases = durableCollection<LeaseDocument>(state.client, state.database, `${state.collection}.leases`)
  const renewals = gatheredUpdates(state.client, leases)
  const checkpoints = durableCollection<{ _id: string; epoch: number }>(state.client, state.database, state.collection)
  const mine = () => own?.ids ?? []
  const isMine = ({ id }: SessionId) => mine().some((session) => session.id.toString('hex') === id.toString('hex'))

  /** Nothing in them is text of a user, which in a pipeline could be taken for an expression. */
  function told(): Partial<LeaseDocument> {
    const now = vitals()
    if (now === null) return {}
    const { reader, full, batches } = now
    return { ...(reader !== null && { reader }), full, ...(batches !== null && { batches }) }
  }

  /** Remaining times are the server's own subtraction: ours and its clock may differ by minutes. */
  async function load(name: string): Promise<Lease | null> {
    const remainingMs = { $cond: [{ $eq: [{ $ifNull: ['$until', null] }, null] }, null, { $subtract: ['$until', '$$NOW'] }] }
    const [found] = await leases
      .aggregate<Lease>(
        [
          { $match: { _id: name } },
          {
            $project: {
              _id: 0,
              owner: 1,
              epoch: 1,
              process: 1,
              reader: { $ifNull: ['$reader', null] },
              full: { $ifNull: ['$full', false] },
              batches: { $ifNull: ['$batches', null] },
              remainingMs,
            },
          },
        ],
        { readConcern: { level: 'majority' } },
      )
      .toArray()
    return found ?? null
  }

  /** Whether there was none before, and is one now. */
  async function created(name: string): Promise<boolean> {
    try {
      const first = { v: 1, owner: null, epoch: 0, until: null, process: null, sessions: [] }
      const { upsertedCount } = await leases.updateOne({ _id: name }, { $setOnInsert: first }, { upsert: true })
      passing('lease.created')
      return upsertedCount === 1
    } catch (error) {
      // Two first starts at once: the other one's document is as good as ours.
      if (error instanceof MongoServerError && error.code === 11000) return true
      throw error
    }
  }

  return {
    load,

    async acquire({ name, owner, process, ttlMs, over }) {
      // An epoch that somebody raised by hand in the checkpoint counts too: a lower one could never fence it.
      const floor = (await checkpoints.findOne({ _id: name }, { projection: { epoch: 1 } }))?.epoch ?? 0
      // The condition and the change are core's `acquiredLease`.
      const free: Document = {
        $or: [{ $eq: ['$until', null] }, { $lte: ['$until', '$$NOW'] }, ...(over === null ? [] : [{ $eq: ['$epoch', over] }])],
      }
      const taken: Document = {
        owner: { $literal: owner },
        epoch: { $add: [{ $max: ['$epoch', floor] }, 1] },
        until: { $add: ['$$NOW', ttlMs] },
        process: { $literal: process },
        user: { $literal: await loggedInUser(state.client) },
        // Of the former owner: ours has read nothing yet.
        full: false,
        // Ours are listed before their first use; the former ones stay until they are ended.
        sessions: { $concatArrays: ['$sessions', { $literal: mine() }] },
      }
      own?.listed()
      // Without upsert: the server refuses $expr with it (224), and a lost race would create a second document.
      const take = () => leases.findOneAndUpdate({ _id: name, $expr: free }, [{ $set: taken }], { returnDocument: 'after' })
      const lease = (await take()) ?? ((await created(name)) ? await take() : null)
      if (lease !== null) return { kind: 'acquired', epoch: lease.epoch }
      own?.forgotten()
      const held = await load(name)
      return { kind: 'held', lease: held ?? nobodys }
    },

    async renew(name, epoch, ttlMs) {
      // core's `renewedLease`
      return await renewals.matches({ _id: name, epoch, until: { $ne: null } }, [
        { $set: { until: { $add: ['$$NOW', ttlMs] }, ...told() } },
      ])
    },

    async release(name, epoch) {
      // core's `releasedLease`
      const done = await leases.updateOne(
        { _id: name, epoch },
        { $set: { owner: null, until: null, process: null, ...told() }, $pullAll: { sessions: [...mine()] } },
      )
      // With another owner since, ours may still be listed there: ended, they would go to the pool, and be killed in the midst of other work.
      if (done.matchedCount === 1) own?.forgotten()
    },

    async formerUser(name) {
      const found = await leases.findOne({ _id: name, 'sessions.0': { $exists: true } }, { projection: { user: 1 } })
      return found?.user ?? null
    },

    async formerSessions(name) {
      return ((await leases.findOne({ _id: name }))?.sessions ?? []).filter((session) => !isMine(session))
    },

    async settle(name, epoch) {
      // core's `settledLease`
      const done = await leases.updateOne({ _id: name, epoch }, { $set: { sessions: mine() } })
      return done.matchedCount === 1
    },
  }
}

const nobodys: Lease = { owner: null, epoch: 0, remainingMs: 0, process: null, reader: null, full: false, batches: null }
