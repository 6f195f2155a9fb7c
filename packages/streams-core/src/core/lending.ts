import type { ClientSession, MongoClient } from 'mongodb'

/**
 * By which the context of a run lends sessions that its lease lists: whoever takes over ends what they have open. A transaction in any other
 * session lives on for more than a minute after its worker was killed, and everybody who writes the same documents waits.
 */
export const lending = Symbol('lending')

export interface Lending {
  /** Null: the session would be of another client, or all are lent. */
  lend(client: MongoClient): ClientSession | null
  giveBack(session: ClientSession): void
}

export interface LendingContext {
  readonly [lending]?: Lending | undefined
}
