import { setTimeout as delay } from 'node:timers/promises'
import type { ClientSession, Document } from 'mongodb'
import { commitOutcome } from '../core/commitOutcome.js'
import { type Passing, unobserved } from '../core/crashPoints.js'
import { errorNumber, maxTimeMsExpired } from '../core/errorClass.js'
import { unknownCommit } from '../core/unknownCommit.js'
import type { Advance, Checkpoint, CheckpointStore, Claim, CommitOutcome } from '../ports.js'
import { type CheckpointDocument, fromCheckpointDocument, stateVersion, toGapDocument } from './checkpointDocument.js'
import { firstCheckpoints } from './firstCheckpoints.js'
import { gatheredUpdates } from './gatheredUpdates.js'
import { mongoHistoryStore } from './historyStore.js'
import type { MongoLeaseStore } from './leaseStore.js'
import { type OwnSessions, killSessions } from './ownSessions.js'
import { type ResolvedPlaces, durableCollection } from './places.js'
import { absentParts, toPositionDocument } from './positionDocument.js'
import { sessionTransaction } from './sessionTransaction.js'
import { untilUnlocked } from './untilUnlocked.js'
import { SilentServerError } from './watchdog.js'

const majorityPauseMs = 20
const majorityLooks = 250

const gapsKept = 20

/**
 * Positions in a collection of MongoDB, for one run: all of its transactions are on one session, because starting the next one there aborts
 * one whose commit stayed unknown.
 */
export function mongoCheckpointStore(
  state: ResolvedPlaces['state'],
  leases: MongoLeaseStore,
  sessions: OwnSessions,
  passing: Passing = unobserved,
): CheckpointStore {
  const { client, database, collection: collectionName } = state
  const collection = durableCollection<CheckpointDocument>(client, database, collectionName)
  const commits = gatheredUpdates(client, collection)
  const history = mongoHistoryStore(state)

  /** The session whose transaction has not returned. */
  let hanging: ClientSession | null = null

  async function load(name: string): Promise<Checkpoint | null> {
    const document = await collection.findOne({ _id: name })
    return document === null ? null : fromCheckpointDocument(document)
  }

  /**
   * A write that matched nothing has seen the primary's newest state; what is read here is what a majority has. While that is still the
   * state of our claim, the newer one is on its way (after a failover, mostly our own write): taking it for somebody else's move would
   * stop a healthy worker.
   */
  async function loadNewer({ name, epoch, rev }: Claim): Promise<Checkpoint | null> {
    for (let looks = 0; looks < majorityLooks; looks += 1) {
      const saved = await load(name)
      if (saved === null || saved.epoch !== epoch || saved.rev !== rev) return saved
      await delay(majorityPauseMs)
    }
    throw new SilentServerError('the majority does not catch up with the primary')
  }

  async function resolve(claim: Claim, advance: Advance): Promise<CommitOutcome> {
    return commitOutcome(claim, advance, await loadNewer(claim))
  }

  /**
   * A transaction that never returned, because its server is silent: its session cannot be used again. The one that replaces it is listed before
   * its first use, beside the one that hangs, which may still begin what it was asked to. False when there is another owner since.
   */
  async function replaceHungSession({ name, epoch }: Claim): Promise<boolean> {
    if (hanging === null) return true
    sessions.replaceTransactions(hanging)
    if (!(await leases.settle(name, epoch))) return false
    hanging = null
    return true
  }

  return {
    load,

    ...firstCheckpoints(state, collection, load),

    async fence(name, epoch, owner, fingerprint) {
      // core's `fencedCheckpoint`, with the result read as it was before, so that its former owner is known.
      const wasOwned = { $and: [{ $ne: [{ $ifNull: ['$owner', null] }, null] }, { $lt: ['$epoch', epoch] }] }
      const raised = {
        epoch,
        restarts: { $add: [{ $ifNull: ['$restarts', 0] }, { $cond: [wasOwned, 1, 0] }] },
        owner: { $literal: owner },
        fingerprint: { $literal: fingerprint },
        lastError: null,
        startedAt: '$$NOW',
        updatedAt: '$$NOW',
      }
      const before = await untilUnlocked(async () => {
        // Ours too: this process may have owned the stream before, and lost it with a transaction open.
        await killSessions(client, [...(await leases.formerSessions(name)), ...sessions.transactionIds])
        passing('claim.sessionsKilled')
        return await collection.findOneAndUpdate(
          { _id: name, v: { $lte: stateVersion }, $or: [{ epoch: { $lt: epoch } }, { epoch, owner }] },
          [{ $set: raised }],
          {
            returnDocument: 'before',
            maxTimeMS: 500,
          },
        )
      })
      if (before === null) return null
      passing('claim.fenced')
      await leases.settle(name, epoch)
      return {
        checkpoint: fromCheckpointDocument({ ...before, epoch, owner, fingerprint, lastError: null }),
        unclean: (before.owner ?? null) !== null || before.inDoubt === true,
      }
    },

    async commit(claim, advance) {
      const matched = await commits.matches(claimFilter(claim), advanceUpdate(advance))
      return matched ? committed(claim) : await resolve(claim, advance)
    },

    async commitWith(claim, advance, effects, mayGiveUp) {
      if (!(await replaceHungSession(claim))) return { kind: 'fenced', epoch: claim.epoch + 1 }
      const session = sessions.transactions
      hanging = session
      const outcome = await sessionTransaction(session, mayGiveUp, async () => {
        // The checkpoint comes first: a worker that lost its claim must not touch a target, not even in a transaction that aborts.
        const done = await collection.updateOne(claimFilter(claim), advanceUpdate(advance), { session })
        if (done.matchedCount === 0) return false
        passing('transaction.checkpointWritten')
        await effects(session)
        passing('transaction.committing')
        return true
      }).finally(() => {
        if (hanging === session) hanging = null
      })
      if (outcome === 'contended') return { kind: 'contended' }
      if (outcome === 'aborted') return await resolve(claim, advance)
      passing('transaction.committed')
      return committed(claim)
    },

    async lost({ name, epoch, rev }, position, given, by) {
      const gap = toGapDocument(given)
      const done = await collection.updateOne(
        { _id: name, epoch, 'gaps.from': { $ne: gap.from } },
        // The state stays small, whatever happens.
        { $push: { gaps: { $each: [gap], $slice: -gapsKept } } },
      )
      if (done.matchedCount === 0) return
      await history.ensure()
      await history.add({ stream: name, action: 'history-lost', by, reason: null, before: position, after: position, rev })
    },

    prepare: () => history.ensure(),

    async tell({ name, gap, skipped, ...row }, session) {
      const options = { returnDocument: 'after' as const, projection: { rev: 1 }, ...(session && { session }) }
      const lost = {
        ...(gap && { gaps: { $each: [toGapDocument(gap)], $slice: -gapsKept } }),
        ...(skipped && { skipped }),
      }
      const told = gap || skipped ? { $push: lost } : { $currentDate: { updatedAt: true as const } }
      const saved = await collection.findOneAndUpdate({ _id: name }, told, options)
      await history.add({ stream: name, ...row, rev: saved?.rev ?? 0 }, session)
    },

    async settleUnknown(claim, advance, from) {
      const stay = { position: from, settled: false, uuid: null }
      // As long as a transaction of ours is open, it locks the checkpoint; one that hangs may even begin after it was killed.
      const raised = await untilUnlocked(async () => {
        await killSessions(client, sessions.transactionIds)
        return await collection.updateOne(claimFilter(claim), advanceUpdate(stay), { maxTimeMS: 500 })
      }).catch((error: unknown) => {
        // After a failover a majority may lag for longer: no answer yet, and no fault of what is to be made certain.
        if (errorNumber(error) === maxTimeMsExpired)
          throw new SilentServerError('a majority does not have the checkpoint in time', { cause: error })
        throw error
      })
      if (raised.matchedCount === 1) return { kind: 'not landed', claim: { ...claim, rev: claim.rev + 1 } }
      return unknownCommit(claim, advance, from, await loadNewer(claim))
    },

    async release(claim, error, inDoubt) {
      // core's `releasedCheckpoint`
      await collection.updateOne(
        { _id: claim.name, epoch: claim.epoch, owner: { $ne: null } },
        { $set: { owner: null, lastError: error, inDoubt }, $currentDate: { updatedAt: true } },
      )
    },

    async refuse(seen, error) {
      // core's `refusedCheckpoint`
      await collection.updateOne(
        { ...claimFilter(seen), owner: null, lastError: null },
        { $set: { lastError: error }, $currentDate: { updatedAt: true } },
      )
    },
  }
}

// With `advanceUpdate`: core's `committedCheckpoint`.
const claimFilter = ({ name, epoch, rev }: Claim) => ({ _id: name, epoch, rev })

const committed = (claim: Claim): CommitOutcome => ({ kind: 'committed', claim: { ...claim, rev: claim.rev + 1 } })

function advanceUpdate({ position, settled, uuid }: Advance): Document {
  const saved = toPositionDocument(position)
  return {
    $set: { ...saved, ...(uuid !== null && { uuid }) },
    $unset: absentParts(saved),
    $inc: { rev: 1 },
    // Only what was handed over counts as seen: a heartbeat's token is higher than any change.
    ...(settled && { $max: { highest: position.token } }),
    $currentDate: { updatedAt: true, movedAt: true },
  }
}
