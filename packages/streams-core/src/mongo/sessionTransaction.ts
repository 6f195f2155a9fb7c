import { type ClientSession, MongoError } from 'mongodb'
import { errorNumber } from '../core/errorClass.js'
import { isInfrastructure } from '../core/infrastructure.js'
import { RefusedCommit } from '../core/refusedCommit.js'

export type TransactionOutcome = 'committed' | 'aborted' | 'contended'

const writeConflict = 112
const commitAttempts = 10

/**
 * Runs `body` in a transaction on this one session and commits it. `body` returning false aborts.
 * Not the driver's withTransaction: that hides conflicts for two minutes, and the caller must know when a target is contended.
 * Always the same session, because starting the next transaction on it aborts one whose commit stayed unknown.
 * Rejects with the driver's error; with RefusedCommit when the commit was answered by an error that says nothing about the way to the server.
 */
export async function sessionTransaction(
  session: ClientSession,
  mayGiveUp: boolean,
  body: () => Promise<boolean>,
): Promise<TransactionOutcome> {
  for (let conflicts = 1; ; conflicts += 1) {
    session.startTransaction({
      readConcern: { level: 'snapshot' },
      writeConcern: { w: 'majority', journal: true },
      readPreference: 'primary',
    })
    try {
      if (!(await body())) {
        await session.abortTransaction()
        return 'aborted'
      }
      await commit(session)
      return 'committed'
    } catch (error) {
      if (session.inTransaction()) await session.abortTransaction()
      if (errorNumber(error) !== writeConflict || !hasLabel(error, 'TransientTransactionError')) throw error
      if (mayGiveUp && conflicts === 2) return 'contended'
      // For ever at once would hold up the very writers that it waits for: from here the caller's back-off decides.
      if (conflicts === 20) throw error
    }
  }
}

/** A commit whose result is unknown is asked again: the server remembers how a transaction ended. */
async function commit(session: ClientSession): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await session.commitTransaction()
    } catch (error) {
      if (hasLabel(error, 'UnknownTransactionCommitResult') && attempt < commitAttempts) continue
      throw isInfrastructure(error) ? error : new RefusedCommit(error)
    }
  }
}

const hasLabel = (error: unknown, label: string) => error instanceof MongoError && error.hasErrorLabel(label)
