import { StreamError } from '../streamError.js'
import type { ClusterTime } from './position.js'

// A resume token is a KeyString: the type byte 0x82 of a timestamp, then its 8 bytes in big-endian order.
// https://github.com/mongodb/mongo/blob/master/src/mongo/db/pipeline/resume_token.h
const timestampFirst = /^82([0-9A-Fa-f]{8})([0-9A-Fa-f]{8})(?:[0-9A-Fa-f]{2})*$/

// The collection's UUID: BinData (5A), 16 bytes (10), subtype 4.
const collectionUuid = /^82[0-9A-Fa-f]{16}[0-9A-Fa-f]{2,32}?5A1004([0-9A-Fa-f]{32})/

/**
 * The server time inside a resume token's `_data` string.
 * @throws {StreamError} TOKEN_UNUSABLE when the string is no resume token
 */
export function tokenTime(token: string): ClusterTime {
  const found = timestampFirst.exec(token)
  if (found === null) {
    throw new StreamError(
      'TOKEN_UNUSABLE',
      `this is not a resume token: ${preview(token)} (expected a hexadecimal string that begins with 82)`,
      {
        details: { length: token.length },
      },
    )
  }
  return { t: Number.parseInt(found[1]!, 16), i: Number.parseInt(found[2]!, 16) }
}

/** The same of a token that the server has just sent, without looking whether it is one: this is done for each change. */
export function ownTokenTime(token: string): ClusterTime {
  return { t: Number.parseInt(token.slice(2, 10), 16), i: Number.parseInt(token.slice(10, 18), 16) }
}

/** The watched collection's UUID (32 hex digits) as an event's token tells it; null in high-water marks. */
export function tokenUuid(token: string): string | null {
  return collectionUuid.exec(token)?.[1]?.toLowerCase() ?? null
}

const preview = (token: string) => JSON.stringify(token.length > 20 ? `${token.slice(0, 20)}…` : token)
