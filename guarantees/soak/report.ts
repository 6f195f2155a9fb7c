import type { Verdict } from '../harness/trial.js'

/** What a soak has come to so far. */
export interface Figures {
  lost: number
  doubled: number
  stuck: number
  changes: number
  repeated: number
  kills: number
  zombies: number
  /** Milliseconds to the fence of the next owner: after a kill, and from a freeze on. */
  readonly afterKill: number[]
  readonly afterFreeze: number[]
}

export const noFigures = (): Figures => ({
  lost: 0,
  doubled: 0,
  stuck: 0,
  changes: 0,
  repeated: 0,
  kills: 0,
  zombies: 0,
  afterKill: [],
  afterFreeze: [],
})

export function add(figures: Figures, verdict: Verdict): void {
  figures.changes += verdict.source
  for (const which of ['lost', 'doubled', 'stuck', 'repeated', 'kills', 'zombies'] as const) figures[which] += verdict[which]
}

export const isGood = ({ lost, doubled, stuck }: Pick<Figures, 'lost' | 'doubled' | 'stuck'>) => lost + doubled + stuck === 0

/** The smallest of them that is not smaller than `share` of all; 0 without any. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? 0
}

const takeover = (values: readonly number[]) => `takeover p50 ${percentile(values, 0.5)} ms p99 ${percentile(values, 0.99)} ms`

/** Everything that was counted; the last line is what a script looks at. */
export function report(figures: Figures): readonly string[] {
  const { lost, doubled, stuck, changes, repeated, kills, zombies, afterKill, afterFreeze } = figures
  return [
    `${changes} changes, ${kills} kill -9, ${zombies} zombies; a handler got a change again ${repeated} times, which it may`,
    `after a kill, by the next process: ${takeover(afterKill)} (${afterKill.length})`,
    `after a freeze, by a standby, lease included: ${takeover(afterFreeze)} (${afterFreeze.length})`,
    `lost ${lost}, doubled ${doubled}, stuck ${stuck}, ${takeover([...afterKill, ...afterFreeze])}`,
  ]
}
