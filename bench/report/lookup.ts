import { median } from '../harness/statistics.js'
import type { Result, Run } from '../harness/types.js'

/** What the tables and goals ask of the raw results. A contender without a run gives null; one that was too late, Infinity. */
export interface Lookup {
  readonly result: (suite: string) => Result | null
  /** Median over the repetitions. */
  of(suite: string, contender: string, measure: string): number | null
  /** Median of the ratios within each repetition: what drifts on the machine hits both. */
  ratio(suite: string, above: string, below: string, measure: string): number | null
}

export function lookup(results: readonly Result[]): Lookup {
  const result = (suite: string) => results.find((each) => each.suite === suite) ?? null
  const runs = (suite: string, contender: string) => (result(suite)?.runs ?? []).filter((run) => run.contender === contender)
  const medianOf = (values: readonly number[]) => (values.length === 0 ? null : median(values))
  return {
    result,
    of: (suite, contender, measure) => medianOf(runs(suite, contender).map((run) => figure(run, measure))),
    ratio(suite, above, below, measure) {
      const others = new Map(runs(suite, below).map((run) => [run.repetition, figure(run, measure)]))
      return medianOf(
        runs(suite, above).flatMap((run) => {
          const other = others.get(run.repetition)
          const value = figure(run, measure)
          return other === undefined || !Number.isFinite(other) || !Number.isFinite(value) ? [] : [value / other]
        }),
      )
    },
  }
}

const figure = ({ figures }: Run, measure: string) => figures[measure] ?? Number.POSITIVE_INFINITY
