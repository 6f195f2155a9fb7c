import { savedStream } from './checkpoint.js'
import { eventually } from './eventually.js'
import { type Killable, changesLeft, majorityTime } from './inFlight.js'
import type { Stage } from './stage.js'

/** One kill of a stream. */
export interface Crash {
  readonly name: Killable
  readonly pid: number
  readonly newPid: number
  /** Changes that were there when it died, and that its checkpoint had not passed. */
  readonly inFlight: number
  /** `rev` at its death: all that can be known of what a killed worker did. */
  readonly rev: number
  /** From the kill until the next worker owned the stream. */
  readonly awayMs: number
}

// Load is written faster than this.
const atWorkWithinMs = 3000

/**
 * Kills a stream with SIGKILL once `underWay` says so, and starts it again at once; the load goes on meanwhile. It is frozen for a moment first: it
 * is done with a change in a few milliseconds, so that most kills would fall between two of them and show nothing.
 */
export async function crash(stage: Stage, name: Killable, underWay: () => boolean): Promise<Crash> {
  const { db, streams, signal } = stage
  await eventually(`the load for the kill of ${name}`, () => underWay() || undefined, { signal })
  const victim = streams.worker(name)
  process.kill(victim.pid, 'SIGSTOP')
  const atWork = async () => {
    const now = await majorityTime(db)
    const position = await savedStream(db, name)
    return (position !== null && (await changesLeft(db, name, position, now)) > 0) || undefined
  }
  // If none comes, the kill shows nothing, and the next wave of load has its turn.
  await eventually(`a change for ${name}`, atWork, { signal, withinMs: atWorkWithinMs }).catch(() => signal.throwIfAborted())
  // Before the kill: what comes later was not in flight, and what the worker still did is not counted.
  const time = await majorityTime(db)
  const since = performance.now()
  const how = await victim.end('SIGKILL')
  if (how !== 'SIGKILL') throw new Error(`${name} ended with ${how} before it could be killed`)
  const saved = await savedStream(db, name)
  if (saved === null) throw new Error(`${name} has no saved position`)
  const [inFlight] = await Promise.all([changesLeft(db, name, saved, time), streams.start([name])])
  const awayMs = performance.now() - since
  return { name, pid: victim.pid, newPid: streams.worker(name).pid, inFlight, rev: saved.rev, awayMs }
}
