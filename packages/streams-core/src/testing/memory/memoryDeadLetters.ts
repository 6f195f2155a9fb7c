import type { DeadLetterStore, NewLetter } from '../../ports.js'

/** The in-memory twin of the dead letters; `kept` is what lies in them, by stream and token. */
export function memoryDeadLetters(kept: Map<string, NewLetter>): DeadLetterStore {
  return {
    async ensure() {},
    async held(stream) {
      const keys = new Map<string, string>()
      let parked = 0
      for (const { stream: of, key, position, state } of kept.values()) {
        if (of !== stream) continue
        const first = keys.get(key)
        if (first === undefined || position.token < first) keys.set(key, position.token)
        if (state === 'parked') parked += 1
      }
      return { keys, parked }
    },
    async add(letters) {
      for (const letter of letters) {
        const id = `${letter.stream} ${letter.position.token}`
        if (!kept.has(id)) kept.set(id, letter)
      }
    },
  }
}
