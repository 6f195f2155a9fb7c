import { isStreamError } from '../streamError.js'
import type { KeyValue } from './keyStringValue.js'
import { readOrderedKey } from './readOrderedKey.js'
import { readFields } from './tokenFields.js'

/** The token of a position among existing documents (core/backfill.ts), taken apart. */
export interface ScanToken {
  /** That of the position which was taken before the first document: a token of the server's. */
  readonly origin: string
  /** The document behind which it lies, as relaxed Extended JSON; null: behind all of them. */
  readonly last: { readonly _id: KeyValue } | null
}

const behindAll = 0xff

/** Null for whatever is no such token: the server's own, and no token at all. */
export function scanToken(token: string): ScanToken | null {
  try {
    const { reader } = readFields(token)
    if (reader.left === 0) return null
    const origin = token.slice(0, 2 * reader.at)
    const isBehindAll = reader.left === 1 && Number.parseInt(token.slice(-2), 16) === behindAll
    const last = isBehindAll ? null : { _id: readOrderedKey(reader) }
    return isBehindAll || reader.left === 0 ? { origin, last } : null
  } catch (error) {
    if (isStreamError(error, 'TOKEN_UNUSABLE')) return null
    throw error
  }
}
