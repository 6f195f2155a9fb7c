import type { RunStatus } from '@boletia/streams-core'
import type { Look } from './looks.js'
import type { StreamPhase } from './readiness.js'
import type { Samples } from './samples.js'

export interface PageFacts {
  readonly now: number
  readonly version: string
  readonly pid: number
  readonly host: string
  readonly look: Look | null
  readonly phases: readonly StreamPhase[]
  readonly runs: readonly RunStatus[]
  readonly samples: Samples
}

/** What the page asks for every two seconds; only the samples after `since` (milliseconds), which it has the others of. */
export function pageData({ now, version, pid, host, look, phases, runs, samples }: PageFacts, since: number): object {
  return {
    at: now,
    version,
    pid,
    host,
    lookedAt: look?.at ?? null,
    streams: phases.map(({ name, phase }) => {
      const status = look?.statuses.find((one) => one.name === name)
      const run = runs.find((one) => one.name === name)
      return {
        name,
        phase,
        state: status?.state ?? null,
        lagMs: status?.lagMs ?? null,
        headroomMs: status?.headroomMs ?? null,
        parked: status?.parked ?? 0,
        held: status?.held ?? 0,
        parkedSince: status?.parkedSince ?? null,
        position: status?.position ?? null,
        owner: status?.owner ?? null,
        epoch: status?.lease?.epoch ?? null,
        restarts: status?.restarts ?? 0,
        paused: status?.paused ?? null,
        lastError: status?.lastError ?? null,
        counts: {
          handled: run?.handled ?? 0,
          skipped: run?.skipped ?? 0,
          parked: run?.parked ?? 0,
          redriven: run?.redriven ?? 0,
        },
        samples: samples.since(name, since),
      }
    }),
  }
}
