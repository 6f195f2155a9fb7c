import type { DeadLetterStore, NewLetter } from '../../ports.js'

/** The in-memory twin of the dead letters; `kept` is what lies in them, by stream and token, `marked` the keys that an operator wants put back. */
export function memoryDeadLetters(kept: Map<string, NewLetter>, marked: Set<string>): DeadLetterStore {
  const idOf = ({ stream, position }: Pick<NewLetter, 'stream' | 'position'>) => `${stream} ${position.token}`
  const inOrder = (stream: string) =>
    [...kept.values()].filter((letter) => letter.stream === stream).sort((a, b) => (a.position.token < b.position.token ? -1 : 1))

  return {
    async ensure() {},
    async held(stream) {
      const letters = inOrder(stream)
      const keys = new Map<string, string>()
      for (const { key, position } of letters) if (!keys.has(key)) keys.set(key, position.token)
      return {
        keys,
        parked: letters.filter(({ state }) => state === 'parked').length,
        last: letters.at(-1)?.position.token ?? null,
        marked: [...keys.keys()].filter((key) => marked.has(key)),
      }
    },
    async add(letters) {
      for (const letter of letters) if (!kept.has(idOf(letter))) kept.set(idOf(letter), letter)
    },
    async next(stream, key) {
      const letter = inOrder(stream).find((one) => one.key === key)
      if (letter === undefined) return null
      const { position, payload } = letter
      return { stream, key, position, change: payload?.kind === 'full' ? payload.change : null }
    },
    remove: async (letter) => kept.delete(idOf(letter)),
    async failed(letter, failure) {
      const found = kept.get(idOf(letter))
      if (found !== undefined) kept.set(idOf(letter), { ...found, state: 'parked', failure })
      marked.delete(letter.key)
    },
  }
}
