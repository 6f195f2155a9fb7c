import type { ChangeSource, CheckpointStore } from '../../ports.js'
import { lostAnswer, steppedDown } from './serverFaults.js'

/** What goes wrong next, each once. */
export interface Trouble {
  /** The next read fails as on a server that steps down. */
  read: boolean
  /** The answer to the next commit is lost: the commit itself is not, or is. */
  commit: 'lost' | 'landed' | null
}

/** The same source, with trouble on the way. */
export function unsteadySource(source: ChangeSource, trouble: Trouble): ChangeSource {
  return {
    ...source,
    async open(from) {
      const reader = await source.open(from)
      return {
        get reached() {
          return reader.reached
        },
        async next(signal) {
          if (trouble.read) {
            trouble.read = false
            throw steppedDown()
          }
          return await reader.next(signal)
        },
        [Symbol.asyncDispose]: () => reader[Symbol.asyncDispose](),
      }
    },
  }
}

/** The same store, with trouble on the way. */
export function unsteadyStore(store: CheckpointStore, trouble: Trouble): CheckpointStore {
  async function unsteady<T>(commit: () => Promise<T>): Promise<T> {
    const fate = trouble.commit
    trouble.commit = null
    if (fate === 'lost') throw lostAnswer()
    const outcome = await commit()
    if (fate === 'landed') throw lostAnswer()
    return outcome
  }
  return {
    ...store,
    commit: (claim, advance) => unsteady(() => store.commit(claim, advance)),
    commitWith: (claim, advance, effects, mayGiveUp) => unsteady(() => store.commitWith(claim, advance, effects, mayGiveUp)),
  }
}
