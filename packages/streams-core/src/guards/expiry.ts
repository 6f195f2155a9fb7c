import type { IndexDescription } from 'mongodb'
import { StreamError } from '../streamError.js'
import { tombstone } from './tombstone.js'

const longestSeconds = 2 ** 31 - 1

/**
 * For the `indexes` of a ledger's target: the server deletes an entry `keepMs` after it was written. Whoever replays a change whose entry
 * is gone does it twice: keep entries longer than the oplog keeps changes, and as long as a repeat may be put off.
 * @throws {StreamError} INVALID_OPTIONS unless `keepMs` is whole seconds
 */
export const ledgerExpiry = (keepMs: number): IndexDescription => expiry('ledgerExpiry', 'at', keepMs)

/**
 * For the `indexes` of a projection's target: the server deletes a tombstone `keepMs` after the document was deleted at its source. As
 * long as the oplog holds an older change of it, a replay without the tombstone raises the dead.
 * @throws {StreamError} INVALID_OPTIONS unless `keepMs` is whole seconds
 */
export const tombstoneExpiry = (keepMs: number): IndexDescription => expiry('tombstoneExpiry', tombstone, keepMs)

function expiry(option: string, field: string, keepMs: number): IndexDescription {
  const expireAfterSeconds = keepMs / 1000
  if (!Number.isInteger(expireAfterSeconds) || expireAfterSeconds < 1 || expireAfterSeconds > longestSeconds)
    throw new StreamError(
      'INVALID_OPTIONS',
      `${option}: keepMs must be whole seconds in milliseconds, from 1000 on; got ${keepMs}`,
    )
  return { key: { [field]: 1 }, expireAfterSeconds }
}
