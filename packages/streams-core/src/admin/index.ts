export type { AdminOptions, Counted, HistoryEntry, ResetPlan, StreamState, StreamStatus, Where } from './types.js'
