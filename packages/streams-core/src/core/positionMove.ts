import { type Position, type SkippedInterval, compareTokens } from './position.js'

export type Direction = 'rewind' | 'skip' | 'none'

/** Rewinding delivers changes again, skipping never delivers them. Only positions of one cluster can be compared. */
export function direction(from: Pick<Position, 'token'>, to: Pick<Position, 'token'>): Direction {
  const order = compareTokens(from.token, to.token)
  return order === 0 ? 'none' : order > 0 ? 'rewind' : 'skip'
}

export interface MoveFacts {
  readonly skipped: readonly SkippedInterval[]
  /** Highest change ever settled. */
  readonly highest: string | null
  /** Where the last move put the position, null before the first: everything from there to `from` was settled since. */
  readonly since: string | null
  readonly from: string
  readonly to: string
}

/**
 * The intervals that no handler has seen, after a move. Two traps: what was jumped over and then worked off after an undo is seen
 * (else a second rewind would send its mails twice), and a jump over what was settled before a rewind leaves nothing unseen.
 */
export function skippedAfter({ skipped, highest, since, from, to }: MoveFacts): readonly SkippedInterval[] {
  const settled = since !== null && since < from ? { from: since, to: from } : null
  const left = settled === null ? [...skipped] : skipped.flatMap((interval) => without(interval, settled))
  if (to <= from) return left
  const unseenFrom = highest !== null && highest > from ? highest : from
  return unseenFrom < to ? merged([...left, { from: unseenFrom, to }]) : left
}

function without(interval: SkippedInterval, cut: SkippedInterval): SkippedInterval[] {
  if (cut.to <= interval.from || cut.from >= interval.to) return [interval]
  const before = interval.from < cut.from ? [{ from: interval.from, to: cut.from }] : []
  const after = cut.to < interval.to ? [{ from: cut.to, to: interval.to }] : []
  return [...before, ...after]
}

/** Sorted, and touching ones joined, so that a stream that is moved often keeps a short list. */
function merged(intervals: readonly SkippedInterval[]): SkippedInterval[] {
  const result: SkippedInterval[] = []
  for (const interval of [...intervals].sort((a, b) => compareTokens(a.from, b.from))) {
    const last = result.at(-1)
    if (last === undefined || last.to < interval.from) result.push(interval)
    else if (last.to < interval.to) result[result.length - 1] = { from: last.from, to: interval.to }
  }
  return result
}
