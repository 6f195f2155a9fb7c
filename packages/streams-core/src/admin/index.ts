export { type DecodedToken, decodeToken } from '../core/decodeToken.js'
export type { KeyDocument, KeyValue } from '../core/keyStringValue.js'
export type { StreamState } from '../core/streamState.js'
export type { AdminOptions, Counted, HistoryEntry, ResetPlan, StreamStatus, Where } from './types.js'
