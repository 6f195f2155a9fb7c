import { malformed } from './keyStringReader.js'
import type { KeyDocument, KeyValue } from './keyStringValue.js'
import type { ClusterTime } from './position.js'
import { scanToken } from './scanToken.js'
import { type Field, readFields } from './tokenFields.js'
import { StreamError } from '../streamError.js'

/** What a resume token says. Documents are relaxed Extended JSON. */
export interface DecodedToken {
  readonly clusterTime: ClusterTime
  readonly version: number
  /** `event`: made by a change; `highWaterMark`: by the server's clock, between changes (a post-batch token). */
  readonly type: 'event' | 'highWaterMark'
  /** Order inside a transaction; 0 outside one. */
  readonly txnOpIndex: number
  readonly fromInvalidate: boolean
  /** 32 hex digits; null for a high-water mark. */
  readonly collectionUuid: string | null
  /** Only version 2 tokens, and DDL events before them, hold it. */
  readonly operationType: string | null
  readonly documentKey: KeyDocument | null
  readonly operationDescription: KeyValue
  /** Of a change split by `$changeStreamSplitLargeEvent`. */
  readonly fragment: number | null
}

/**
 * Takes a resume token's `_data` (hex) apart. With the token's `_typeBits` numbers of the document key are exact; without,
 * a Decimal128 may show as the double that it equals. Layout: src/mongo/db/pipeline/resume_token.cpp (r6.0.5 and later).
 * @throws {StreamError} TOKEN_UNUSABLE, with the byte at which it stops to be a token.
 */
export function decodeToken(token: string, typeBits?: Uint8Array): DecodedToken {
  const { fields, reader } = readFields(token, typeBits)
  if (reader.left > 0) throw scanToken(token) === null ? malformed('something follows its end', reader.at) : amongDocuments()
  const next = (what: string): Field => {
    const field = fields.shift()
    if (field === undefined) throw malformed(`it ends before ${what}`, token.length / 2)
    return field
  }
  const clusterTime = timestamp(next('the cluster time'))
  const version = integer(next('the version'), 'the version', [0, 1, 2])
  // Version 0 (servers before 4.2) has neither the token's type nor fromInvalidate.
  const tokenType = version === 0 ? 128 : integer(next('the token’s type'), 'the token’s type', [0, 128])
  const txnOpIndex = integer(next('txnOpIndex'), 'txnOpIndex')
  const fromInvalidate = version === 0 ? false : boolean(next('fromInvalidate'))
  const collectionUuid = fields.length === 0 ? null : uuid(next('the collection'))
  const event = fields.length === 0 ? noEvent : eventOf(next('the event'))
  const fragment = fields.length === 0 ? null : integer(next('the fragment'), 'the fragment')
  const rest = fields[0]
  if (rest !== undefined) throw malformed('something follows its last field', rest.at)
  return {
    clusterTime,
    version,
    type: tokenType === 0 ? 'highWaterMark' : 'event',
    txnOpIndex,
    fromInvalidate,
    collectionUuid,
    ...event,
    fragment,
  }
}

type TokenEvent = Pick<DecodedToken, 'operationType' | 'documentKey' | 'operationDescription'>
const noEvent: TokenEvent = { operationType: null, documentKey: null, operationDescription: null }

/** Before version 2 the key of a document's change stands alone; every other event is `{operationType, …}`. A key has an `_id`. */
function eventOf({ value, at }: Field): TokenEvent {
  if (!isDocument(value)) throw malformed('its event is no document', at)
  if ('_id' in value || !('operationType' in value)) return { ...noEvent, documentKey: value }
  const { operationType, documentKey, operationDescription } = value
  if (typeof operationType !== 'string') throw malformed('its operation type is no text', at)
  return {
    operationType,
    documentKey: documentKey !== undefined && isDocument(documentKey) ? documentKey : null,
    operationDescription: operationDescription ?? null,
  }
}

function amongDocuments(): StreamError<'TOKEN_UNUSABLE'> {
  return new StreamError(
    'TOKEN_UNUSABLE',
    'this is not the token of a change: it is a position among existing documents, of a backfill, and only its own stream can go on there (boletia-streams token decode says behind which document)',
  )
}

function timestamp({ value, at }: Field): ClusterTime {
  const time = isDocument(value) ? value['$timestamp'] : undefined
  if (time === undefined || !isDocument(time)) throw malformed('it does not begin with a time', at)
  return { t: Number(time['t']), i: Number(time['i']) }
}

function integer({ value, at }: Field, what: string, allowed?: readonly number[]): number {
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 0) throw malformed(`${what} is no whole number`, at)
  if (allowed !== undefined && !allowed.includes(value)) throw malformed(`${what} is ${value}: not known to this program`, at)
  return value
}

function boolean({ value, at }: Field): boolean {
  if (typeof value !== 'boolean') throw malformed('fromInvalidate is neither true nor false', at)
  return value
}

function uuid({ value, at }: Field): string | null {
  if (value === null) return null
  const binary = isDocument(value) ? value['$binary'] : undefined
  const base64 = binary !== undefined && isDocument(binary) && binary['subType'] === '04' ? binary['base64'] : undefined
  if (typeof base64 !== 'string') throw malformed('its collection is no UUID', at)
  return Buffer.from(base64, 'base64').toString('hex')
}

function isDocument(value: KeyValue): value is KeyDocument {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
