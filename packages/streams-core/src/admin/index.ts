export { type DecodedToken, decodeToken } from '../core/decodeToken.js'
export type { KeyDocument, KeyValue } from '../core/keyStringValue.js'
export type { AdminOptions, Counted, HistoryEntry, ResetPlan, StreamState, StreamStatus, Where } from './types.js'
