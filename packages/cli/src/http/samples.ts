import type { RunStatus } from '@boletia/streams-core'
import type { Look } from './looks.js'

/** When, lag and headroom in milliseconds, and how many changes this process had settled by then. */
export type Sample = readonly [at: number, lagMs: number | null, headroomMs: number | null, settled: number]

const keptMs = 15 * 60_000

/** What the page's plots show, of the last quarter of an hour. */
export class Samples {
  readonly #kept = new Map<string, Sample[]>()

  keep({ at, statuses }: Look, runs: readonly RunStatus[]): void {
    for (const { name, lagMs, headroomMs } of statuses) {
      const run = runs.find((one) => one.name === name)
      const settled = run === undefined ? 0 : run.handled + run.skipped + run.parked + run.held
      const young = (this.#kept.get(name) ?? []).filter(([time]) => time > at - keptMs)
      this.#kept.set(name, [...young, [at, lagMs, headroomMs, settled]])
    }
  }

  since(name: string, time: number): readonly Sample[] {
    return (this.#kept.get(name) ?? []).filter(([at]) => at > time)
  }
}
