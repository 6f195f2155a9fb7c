import type { MongoClient } from 'mongodb'
import { StreamError } from '../streamError.js'

/**
 * Options of a client with which reading would hang, or begin again for ever, in silence.
 * `longestMs`: how long the server may hold an operation open in the normal course of things.
 * @throws {StreamError} INVALID_OPTIONS
 */
export function refuseHangingOptions({ options }: MongoClient, longestMs: number): void {
  const { socketTimeoutMS, serverSelectionTimeoutMS } = options
  if (socketTimeoutMS > 0 && socketTimeoutMS <= longestMs)
    throw refused(
      `socketTimeoutMS=${socketTimeoutMS}`,
      `is too short: reading would resume for ever in silence; give more than ${longestMs}, or none`,
    )
  if (serverSelectionTimeoutMS === 0)
    throw refused(
      'serverSelectionTimeoutMS=0',
      'never gives up: a server that is not there would be waited for in silence; give some seconds, or nothing',
    )
}

const refused = (option: string, why: string) => new StreamError('INVALID_OPTIONS', `${option} in the URI ${why}`)
