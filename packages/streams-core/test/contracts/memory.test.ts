import { keeps } from './keeps.js'
import { describe } from 'vitest'
import { systemClock } from '../../src/systemClock.js'
import {
  manualClock,
  memoryChangeSource,
  memoryState,
  changeSourceContract,
  checkpointStoreContract,
  clockContract,
  deadLetterStoreContract,
  leaseStoreContract,
  targetStoreContract,
} from '../../src/testing/index.js'

const nothing = async () => undefined

describe('the checkpoint store in memory', () => {
  keeps(
    checkpointStoreContract(async () => {
      const state = memoryState(['effects'])
      return {
        store: state.store,
        leases: state.leases,
        leaveOlder: async (name, token) => void state.older.set(name, { token, clusterTime: { t: 100, i: 4 }, by: 'foreign' }),
        effect: (_session, value) => state.targets.apply([{ target: 'effects', insertOne: { document: { value } } }], undefined),
        effects: async () =>
          state.applied.map((write) => ('insertOne' in write ? (write.insertOne.document['value'] as number) : 0)),
        [Symbol.asyncDispose]: nothing,
      }
    }),
  )
})

describe('the dead letters in memory', () => {
  keeps(
    deadLetterStoreContract(async () => {
      const { letters, marked } = memoryState()
      return { letters, mark: async (_stream, key) => void marked.add(key), [Symbol.asyncDispose]: nothing }
    }),
  )
})

describe('the leases in memory', () => {
  keeps(
    leaseStoreContract(async () => {
      const clock = manualClock()
      return { leases: memoryState([], clock).leases, pass: async (ms) => clock.advance(ms), [Symbol.asyncDispose]: nothing }
    }),
  )
})

describe('the change source in memory', () => {
  keeps(
    changeSourceContract(async () => {
      const source = memoryChangeSource()
      return {
        source,
        insert: async (id) => void source.insert({ _id: id }),
        drop: async () => void source.invalidate(),
        [Symbol.asyncDispose]: nothing,
      }
    }),
  )
})

describe('the targets in memory', () => {
  keeps(
    targetStoreContract(async () => {
      const state = memoryState(['things'])
      return {
        targets: state.targets,
        written: async () => state.applied.map((write) => ('updateOne' in write ? write.updateOne.filter['_id'] : null)),
        [Symbol.asyncDispose]: nothing,
      }
    }),
  )
})

describe('the system clock', () => {
  keeps(clockContract(() => ({ clock: systemClock, pass: () => undefined })))
})

describe('the manual clock', () => {
  keeps(
    clockContract(() => {
      const clock = manualClock()
      return { clock, pass: (ms) => clock.advance(ms) }
    }),
  )
})
