import { describe, expect, test } from 'vitest'
import {
  type CheckpointStore,
  type ContractCase,
  type DeadLetterStore,
  checkpointStoreContract,
  deadLetterStoreContract,
  memoryState,
} from '../../src/testing/index.js'

async function failures(cases: readonly ContractCase[]): Promise<string[]> {
  const failed: string[] = []
  for (const { title, run } of cases) await run().catch(() => failed.push(title))
  return failed
}
const nothing = async () => undefined

describe('a port that breaks a promise fails the case of that promise:', () => {
  const stores = (broken: (store: CheckpointStore) => Partial<CheckpointStore>) =>
    checkpointStoreContract(async () => {
      const state = memoryState(['effects'])
      return {
        store: { ...state.store, ...broken(state.store) },
        leases: state.leases,
        leaveOlder: async (name, token) => void state.older.set(name, { token, clusterTime: { t: 100, i: 4 }, by: 'foreign' }),
        effect: (_session, value) => state.targets.apply([{ target: 'effects', insertOne: { document: { value } } }], undefined),
        effects: async () =>
          state.applied.map((write) => ('insertOne' in write ? (write.insertOne.document['value'] as number) : 0)),
        [Symbol.asyncDispose]: nothing,
      }
    })

  test('none, for a store that breaks none', async () => {
    expect(await failures(stores(() => ({})))).toEqual([])
  })

  test('a store whose commits ask for the epoch and not for rev', async () => {
    const broken = stores((store) => ({
      commit: async (claim, advance) => store.commit({ ...claim, rev: (await store.load(claim.name))!.rev }, advance),
    }))
    expect(await failures(broken)).toEqual([
      expect.stringMatching(/^a former owner is fenced; a rev that somebody else moved is moved/),
    ])
  })

  test('a store that keeps effects whose transaction failed', async () => {
    const broken = stores((store) => ({
      async commitWith(claim, advance, effects) {
        await effects(undefined)
        return await store.commit(claim, advance)
      },
    }))
    expect(await failures(broken)).toEqual(
      expect.arrayContaining([expect.stringMatching(/^effects and checkpoint land together/)]),
    )
  })

  test('dead letters that forget what is held when it is added again', async () => {
    const broken = deadLetterStoreContract(async () => {
      const { letters, marked } = memoryState()
      const once = new Set<string>()
      const forgetful: DeadLetterStore = {
        ...letters,
        async add(added, session) {
          for (const { position } of added) if (once.has(position.token)) throw new Error('known')
          for (const { position } of added) once.add(position.token)
          await letters.add(added, session)
        },
      }
      return { letters: forgetful, mark: async (_stream, key) => void marked.add(key), [Symbol.asyncDispose]: nothing }
    })
    expect(await failures(broken)).toEqual([expect.stringMatching(/^adding a letter again changes nothing/)])
  })
})
