export type {
  Acquired,
  Advance,
  ChangeReader,
  ChangeSource,
  Checkpoint,
  CheckpointStore,
  Claim,
  Clock,
  CommitOutcome,
  DeadLetterStore,
  Delivered,
  Effects,
  Fenced,
  Held,
  KeptLetter,
  Lease,
  LeaseRequest,
  LeaseStore,
  LetterFailure,
  NewLetter,
  Read,
  TargetStore,
  UnknownCommit,
} from '../ports.js'
export { type CrashPoint, crashPoints } from '../core/crashPoints.js'
export { type ChangeBuilder, type ChangeBuilderOptions, type UpdateOptions, changeBuilder } from './changes/changeBuilder.js'
export { type ChangeSourceFixture, changeSourceContract } from './contracts/changeSourceContract.js'
export { type CheckpointStoreFixture, checkpointStoreContract } from './contracts/checkpointStoreContract.js'
export { clockContract } from './contracts/clockContract.js'
export type { ContractCase } from './contracts/contractCases.js'
export { type DeadLetterStoreFixture, deadLetterStoreContract } from './contracts/deadLetterStoreContract.js'
export { type LeaseStoreFixture, leaseStoreContract } from './contracts/leaseStoreContract.js'
export { type TargetStoreFixture, targetStoreContract } from './contracts/targetStoreContract.js'
export { type DataFolder, dataFolder } from './dataFolder.js'
export { dieAt } from './faults/crash.js'
export { failing, twice, withoutDocuments } from './faults/disturbed.js'
export { historyLost, lostAnswer, steppedDown } from './faults/serverFaults.js'
export { type InMemoryOptions, inMemory, runInMemory } from './inMemory.js'
export type { RunInMemory, SettledChange, StreamInMemory } from './streamInMemory.js'
export type { FindOptions } from './mongod/findMongod.js'
export type { MongodOptions } from './mongodArgs.js'
export type { MongodNode } from './mongodNode.js'
export { type ReplicaSet, type ReplicaSetOptions, startReplicaSet } from './replicaSet.js'
export { type SharedReplicaSet, sharedReplicaSet } from './sharedReplicaSet.js'
export { type Standalone, startStandalone } from './standalone.js'
export { type TestDatabase, testDatabase } from './testDatabase.js'
export { type ManualClock, manualClock } from './memory/manualClock.js'
export { type MemoryChangeSource, memoryChangeSource } from './memory/memoryChangeSource.js'
export { type MemoryState, memoryState } from './memory/memoryState.js'
