import { type Match, everything } from '../core/clientMatch.js'
import type { Position } from '../core/position.js'
import type { Delivered } from '../ports.js'

/** Some changes in a row; `reached` is foreign, because another pipeline than the cursor's may not have let it through. */
export interface SharedBatch {
  readonly reached: Position
  readonly count: number
  readonly bytes: number
  /** Those that match, the same array for each caller with this key; null: only the server can tell of one of them. */
  matching(key: string, match: Match): readonly Delivered[] | null
}

export function sharedBatch(changes: readonly Delivered[], reached: Position): SharedBatch {
  const found = new Map<string, readonly Delivered[] | null>()
  return {
    reached,
    count: changes.length,
    bytes: changes.reduce((sum, { bytes }) => sum + bytes, 0),
    matching(key, match) {
      if (match === everything) return changes
      let known = found.get(key)
      if (known === undefined) {
        known = filtered(changes, match)
        found.set(key, known)
      }
      return known
    },
  }
}

function filtered(changes: readonly Delivered[], match: Match): readonly Delivered[] | null {
  const verdicts = changes.map(({ change }) => match(change))
  if (verdicts.includes(null)) return null
  return changes.filter((_, index) => verdicts[index])
}
