import type { Binary, ClientSession, MongoClient } from 'mongodb'
import type { Lending } from '../core/lending.js'

export interface SessionId {
  readonly id: Binary
}

/**
 * The sessions of one owner, created before it acquires and listed in its lease before their first use, so that whoever takes over can end
 * what they still have open. A getMore inside a transaction is refused, hence two.
 */
export interface OwnSessions extends AsyncDisposable, Lending {
  readonly transactions: ClientSession
  readonly reading: ClientSession
  readonly ids: readonly SessionId[]
  /** From here on another owner may kill them at any time, until they are `forgotten`. */
  listed(): void
  forgotten(): void
  /** Those of transactions, the ones that hang among them. */
  readonly transactionIds: readonly SessionId[]
  /** Another session for transactions, for one that hangs in an operation whose server is silent. The former one stays among the ids. */
  replaceTransactions(hanging: ClientSession): void
}

/** @param lendable how many sessions there are to lend to handlers */
export function ownSessions(client: MongoClient, lendable = 0): OwnSessions {
  const open = () => client.startSession({ causalConsistency: false })
  const reading = open()
  const used = [open()]
  const forHandlers = Array.from({ length: lendable }, open)
  const free = [...forHandlers]
  const current = () => used.at(-1)!
  let mayBeKilled = false
  return {
    reading,
    get transactions() {
      return current()
    },
    get ids() {
      return [...used, reading, ...forHandlers].map(idOf)
    },
    get transactionIds() {
      return used.map(idOf)
    },
    listed: () => void (mayBeKilled = true),
    forgotten: () => void (mayBeKilled = false),
    replaceTransactions(hanging) {
      if (current() === hanging) used.push(open())
    },
    lend: (of) => (of === client ? (free.pop() ?? null) : null),
    giveBack: (session) => void free.push(session),
    async [Symbol.asyncDispose]() {
      // Ended, they would go back to the driver's pool, and a take-over would kill an unrelated operation of this process. A former one
      // still hangs in its operation.
      if (!mayBeKilled) await Promise.all([current(), reading, ...forHandlers].map((session) => session.endSession()))
    },
  }
}

const idOf = ({ id }: ClientSession) => id as unknown as SessionId

/**
 * Ends what these sessions still do, an open transaction among it. A worker that was killed leaves one open for up to a minute, and all
 * that while its checkpoint and targets are locked. https://www.mongodb.com/docs/manual/reference/command/killSessions/
 */
export async function killSessions(client: MongoClient, sessions: readonly SessionId[]): Promise<void> {
  if (sessions.length > 0) await client.db('admin').command({ killSessions: sessions.map(({ id }) => ({ id })) })
}
