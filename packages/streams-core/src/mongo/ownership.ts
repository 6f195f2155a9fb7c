import type { Binary, ClientSession, Collection, Document, MongoClient } from 'mongodb'
import { MongoServerError } from 'mongodb'
import { durableCollection } from './places.js'

/**
 * Who may write a stream's checkpoint. Not in the checkpoint document: writing it there would conflict with the worker's own open
 * transaction. Never deleted, its epoch never falls: a recreated one would let a zombie of a former life match again.
 */
interface LeaseDocument {
  readonly _id: string
  readonly v: number
  readonly owner: string | null
  readonly epoch: number
  /** Sessions whose operations must be killed before a new owner may rely on what it reads. */
  readonly sessions: readonly SessionId[]
}

export interface SessionId {
  readonly id: Binary
}

export interface Ownership {
  readonly epoch: number
  /** The sessions of former owners that may still be open. */
  readonly former: readonly SessionId[]
}

export interface Leases {
  /** Becomes the owner with an epoch above every former one and above `floor`; our session is listed before its first use. */
  acquire(name: string, owner: string, session: ClientSession, floor: number): Promise<Ownership>
  /** The former sessions are dead: only ours stays listed. */
  settle(name: string, epoch: number, session: ClientSession): Promise<void>
  /** A clean stop: nothing is left to kill. Does nothing when there is a newer owner. */
  release(name: string, epoch: number): Promise<void>
  /** The sessions that a former owner may have left open. */
  sessions(name: string): Promise<readonly SessionId[]>
}

export function mongoLeases(client: MongoClient, database: string, checkpoints: string): Leases {
  const leases: Collection<LeaseDocument> = durableCollection(client, database, `${checkpoints}.leases`)

  return {
    async acquire(name, owner, session, floor) {
      try {
        await leases.updateOne({ _id: name }, { $setOnInsert: { v: 1, owner: null, epoch: 0, sessions: [] } }, { upsert: true })
      } catch (error) {
        // Two first starts at once: the other one's document is as good as ours.
        if (!(error instanceof MongoServerError && error.code === 11000)) throw error
      }
      const raised: Document = {
        owner: { $literal: owner },
        epoch: { $add: [{ $max: ['$epoch', floor] }, 1] },
        sessions: { $concatArrays: ['$sessions', [{ $literal: session.id }]] },
      }
      const before = await leases.findOneAndUpdate({ _id: name }, [{ $set: raised }], { returnDocument: 'before' })
      if (before === null) throw new Error(`the lease of stream ${name} was deleted while the stream was starting`)
      return { epoch: Math.max(before.epoch, floor) + 1, former: before.sessions }
    },

    async settle(name, epoch, session) {
      await leases.updateOne({ _id: name, epoch }, { $set: { sessions: [session.id as SessionId] } })
    },

    async release(name, epoch) {
      await leases.updateOne({ _id: name, epoch }, { $set: { owner: null, sessions: [] } })
    },

    async sessions(name) {
      return (await leases.findOne({ _id: name }))?.sessions ?? []
    },
  }
}

/**
 * Ends what these sessions still do, an open transaction among it. A worker that was killed leaves one open for up to a minute, and all
 * that while its checkpoint and targets are locked. https://www.mongodb.com/docs/manual/reference/command/killSessions/
 */
export async function killSessions(client: MongoClient, sessions: readonly SessionId[]): Promise<void> {
  if (sessions.length > 0) await client.db('admin').command({ killSessions: sessions.map(({ id }) => ({ id })) })
}
