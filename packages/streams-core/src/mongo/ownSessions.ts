import type { Binary, ClientSession, MongoClient } from 'mongodb'

export interface SessionId {
  readonly id: Binary
}

/**
 * The sessions of one owner, created before it acquires and listed in its lease before their first use, so that whoever takes over can end
 * what they still have open. A getMore inside a transaction is refused, hence two.
 */
export interface OwnSessions extends AsyncDisposable {
  readonly transactions: ClientSession
  readonly reading: ClientSession
  readonly ids: readonly SessionId[]
  /** From here on another owner may kill them at any time, until they are `forgotten`. */
  listed(): void
  forgotten(): void
}

export function ownSessions(client: MongoClient): OwnSessions {
  const transactions = client.startSession({ causalConsistency: false })
  const reading = client.startSession({ causalConsistency: false })
  let mayBeKilled = false
  return {
    transactions,
    reading,
    ids: [transactions, reading].map(({ id }) => id as unknown as SessionId),
    listed: () => void (mayBeKilled = true),
    forgotten: () => void (mayBeKilled = false),
    async [Symbol.asyncDispose]() {
      // Ended, they would go back to the driver's pool, and a take-over would kill an unrelated operation of this process.
      if (!mayBeKilled) await Promise.all([transactions.endSession(), reading.endSession()])
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
