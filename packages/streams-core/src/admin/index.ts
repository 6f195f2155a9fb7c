export { type Finding, type Judged, type Level, type Limits, type Threshold, assess, worst } from '../core/assess.js'
export { type DecodedToken, decodeToken } from '../core/decodeToken.js'
export type { KeyDocument, KeyValue } from '../core/keyStringValue.js'
export type { Pause } from '../core/pause.js'
export type { Direction } from '../core/positionMove.js'
export { type ScanToken, scanToken } from '../core/scanToken.js'
export { tokenTime } from '../core/tokenTime.js'
export type { StreamState } from '../core/streamState.js'
export { type ApplyOptions, applyReset } from './applyReset.js'
export type { HistoryAction } from '../mongo/historyStore.js'
export {
  type Doing,
  type Redriving,
  type LetterPlan,
  type RedriveDone,
  discardLetters,
  listLetters,
  planLetters,
  redriveLetters,
} from './deadLetters.js'
export type { LetterError, LetterFacts, RedriveMark } from '../mongo/deadLetterStore.js'
export type { Letter, LetterFilter } from '../mongo/letterDesk.js'
export { type DeletePlan, deleteStream, planDelete } from './deleteStream.js'
export { type ConnectionRole, diagnose, leastRoles } from './diagnose.js'
export type { Diagnosis } from './doctor/finding.js'
export type { Privilege } from './doctor/role.js'
export { type Decision, type DryRunOptions, dryRun } from './dryRun.js'
export { type SavedPosition, exportPositions } from './exportPositions.js'
export { history } from './history.js'
export { type ImportPlan, type Importable, importPosition, planImport } from './importPositions.js'
export { listStreams, streamNames, streamStatus } from './listStreams.js'
export { type LastPositions, lastPositions, loadPosition } from './loadPosition.js'
export { type PauseDone, type PausedBy, pauseStream, resumeStream } from './pause.js'
export { type Peeked, type PeekOptions, peek } from './peek.js'
export { planReplay } from './planReplay.js'
export { planReset } from './planReset.js'
export { type RepairPlan, planRepair } from './planRepair.js'
export { type RepairOptions, repairGap } from './repairGap.js'
export type { RepairRequest } from './repairable.js'
export type { ReplayOptions } from './deliverAgain.js'
export { replay } from './replay.js'
export type { SeenChange } from './seenChange.js'
export { type SkipOptions, type SkipPlan, planSkip, skipChange } from './skip.js'
export { type TailOptions, tail } from './tail.js'
export type { Failure, Redelivered } from '../runtime/redeliver.js'
export type {
  AdminOptions,
  ChangeSample,
  Counted,
  HistoryEntry,
  ReplayPlan,
  ReplayRequest,
  ResetDone,
  ResetPlan,
  StreamStatus,
  Where,
} from './types.js'
