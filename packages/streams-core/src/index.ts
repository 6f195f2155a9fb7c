export type { Change, ChangeBase, DeleteChange, InsertChange, OtherChange, ReplaceChange, UpdateChange } from './change.js'
export { type ConnectStreamOptions, connectStream } from './connectStream.js'
export type { ClusterTime, Position } from './core/position.js'
export { DeadLetterError } from './deadLetterError.js'
export { defineStream } from './defineStream.js'
export { type ErrorCode, type ErrorEntry, errorCodes } from './errorCodes.js'
export type { Log, LogMethod } from './log.js'
export { type SharedReaders, sharedReaders } from './mongo/sharedReaders.js'
export type { Observer, ReaderKind } from './ports.js'
export type { Places, RunHandle, RunOptions, RunStatus, RunSummary } from './runOptions.js'
export { runStream } from './runStream.js'
export { skip } from './skip.js'
export type {
  Context,
  DeadLetterOptions,
  DeadLetterPolicy,
  Classify,
  FailureClass,
  Fence,
  Handle,
  LifecycleContext,
  NamespaceOptions,
  Project,
  RetryOptions,
  RetryPolicy,
  Skip,
  Stream,
  StreamOptions,
  Target,
  TargetOptions,
} from './stream.js'
export { StreamError, type StreamErrorOptions, isStreamError } from './streamError.js'
export type { Guard, UpdateModel, Write, WriteModel } from './write.js'
