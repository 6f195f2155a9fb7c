import type { RunStatus } from '@boletia/streams-core'

export type Phase = RunStatus['phase']

/** Of a stream in this process; `starting` until its run has begun. */
export interface StreamPhase {
  readonly name: string
  readonly phase: Phase
}

export interface Readiness {
  readonly ready: boolean
  readonly streams: readonly (StreamPhase & { readonly ready: boolean })[]
}

// A standby that waits is as it should be, and a pause is an operator's wish: a rolling deploy must not stop at them.
const good: Readonly<Record<Phase, boolean>> = {
  running: true,
  waiting: true,
  paused: true,
  starting: false,
  reopening: false,
  halted: false,
  stopping: false,
  stopped: false,
  failed: false,
}

/** Ready: every stream does what it was started for. Told from this process alone: MongoDB is not asked. */
export function readiness(phases: readonly StreamPhase[]): Readiness {
  const streams = phases.map(({ name, phase }) => ({ name, phase, ready: good[phase] }))
  return { ready: streams.every(({ ready }) => ready), streams }
}
