import { isScanning } from '../core/backfill.js'
import { blankCheckpoint } from '../core/blankCheckpoint.js'
import { decodeToken } from '../core/decodeToken.js'
import { type Position, compareTimes, isReplay } from '../core/position.js'
import { mongoChangeSource } from '../mongo/changeSource.js'
import { mongoTargetStore } from '../mongo/targetStore.js'
import { requireReplicaSet } from '../mongo/topology.js'
import type { Delivered } from '../ports.js'
import type { RunOptions, RunSummary } from '../runOptions.js'
import { ChangeContext } from '../runtime/changeContext.js'
import { firstPlace } from '../runtime/claim.js'
import { endingOf } from '../runtime/ending.js'
import { Progress } from '../runtime/progress.js'
import { checkedWrites } from '../runtime/projection.js'
import { silentLog } from '../silentLog.js'
import type { Stream } from '../stream.js'
import type { Write } from '../write.js'
import { StreamError } from '../streamError.js'
import { fault } from './fault.js'
import { type Registered, registry } from './registry.js'
import { requireDefined } from './seenChange.js'
import type { AdminOptions, ChangeSample } from './types.js'

/** What a run would do with a change. */
export interface Decision extends ChangeSample {
  readonly stream: string
  /** `handle`: the handler would be called; `write`: the projection returned writes; `nothing`: it returned none; `fail`: it threw. */
  readonly decision: 'handle' | 'write' | 'nothing' | 'skip' | 'fail'
  /** Why it would be skipped; the name of the error. Never an error's message: it may hold personal data. */
  readonly reason: string | null
  readonly replay: boolean
  readonly writes: readonly { readonly target: string; readonly model: string; readonly guard: string | null }[]
}

export interface DryRunOptions extends Pick<RunOptions, 'until' | 'max'> {
  readonly signal: AbortSignal
}

/**
 * Reads on from the saved position (from the stream's `start`, where none is saved) and says what a run would do. No lease, no handler, nothing saved;
 * a projection is called, because it only returns what it would write. Returns like a run: `handled` are those that would be.
 * @throws {StreamError} USAGE where existing documents come first: it shows live changes only; UNKNOWN_STREAM, FUTURE_TIME, HISTORY_LOST
 */
export async function* dryRun(
  options: AdminOptions,
  name: string,
  { signal, until, max }: DryRunOptions,
): AsyncGenerator<Decision, RunSummary> {
  try {
    const all = registry(options)
    const registered = await all.get(name)
    requireDefined(registered)
    const { stream, saved, view } = registered as Registered & { stream: Stream }
    refuseScan(stream, saved?.position ?? null)
    await requireReplicaSet(view.namespace.client)
    const source = mongoChangeSource(stream, view.namespace)
    const ending = await endingOf({ ...(until !== undefined && { until }), ...(max !== undefined && { max }) }, source)
    let position: Position = saved?.position ?? (await source.anchor(firstPlace(stream.start)))
    const counted = { handled: 0, skipped: 0 }
    const summary = (reason: RunSummary['reason']): RunSummary => ({
      name,
      reason,
      parked: 0,
      held: 0,
      redriven: 0,
      position,
      ...counted,
    })
    const progress = new Progress({ ...(saved ?? blankCheckpoint), name, position }, null)
    const around = { stream, targets: mongoTargetStore(stream, all.places), log: silentLog, signal }
    await using reader = await source.open(position)
    try {
      for (;;) {
        const read = await reader.next(signal)
        if (read.kind === 'invalidated') return summary('stopped')
        if (read.kind === 'quiet') {
          const { reached } = reader
          if (reached !== null && ending.through !== null && compareTimes(reached.clusterTime, ending.through) >= 0)
            return summary(ending.reason)
          continue
        }
        for (const delivered of read.changes) {
          if (counted.handled + counted.skipped >= ending.max) return summary('max')
          if (ending.through !== null && compareTimes(delivered.position.clusterTime, ending.through) > 0)
            return summary(ending.reason)
          const replay = isReplay(delivered.position.token, saved?.highest ?? null, saved?.skipped ?? [])
          const decision = decide(around, delivered, progress, replay)
          counted[decision.decision === 'skip' ? 'skipped' : 'handled'] += 1
          position = delivered.position
          yield decision
          signal.throwIfAborted()
        }
        if (counted.handled + counted.skipped >= ending.max) return summary('max')
      }
    } catch (error) {
      if (signal.aborted && error === signal.reason) return summary('stopped')
      throw error
    }
  } catch (error) {
    throw fault(error, `stream ${name}`)
  }
}

/** “Nothing” would be a wrong answer where a run begins with every document of the collection. */
function refuseScan({ name, start }: Stream, position: Position | null): void {
  const isBegun = position !== null && isScanning(position)
  if (!isBegun && (position !== null || start !== 'backfill')) return
  const where = isBegun ? 'it is in the midst of existing documents' : 'its first run hands over every existing document'
  throw new StreamError('USAGE', `stream ${name}: a dry run shows live changes only, and ${where}`, {
    details: {
      stream: name,
      why: 'Nothing would be shown of the documents. A run says what becomes of them: run --max 1 --output jsonl.',
    },
  })
}

type Around = ConstructorParameters<typeof ChangeContext>[0]

function decide(around: Around, delivered: Delivered, progress: Progress, replay: boolean): Decision {
  const { stream } = around
  const { token, typeBits, clusterTime } = delivered.position
  const { documentKey } = decodeToken(token, typeBits)
  const { operationType } = delivered.change
  const told = (decision: Decision['decision'], reason: string | null = null, writes: readonly Write[] = []): Decision => ({
    stream: stream.name,
    token,
    clusterTime,
    operationType,
    documentKey,
    replay,
    decision,
    reason,
    writes: writes.map((write) => ({ target: write.target, model: modelName(write), guard: write.guard?.kind ?? null })),
  })
  if (replay && stream.onReplay === 'skip') return told('skip', 'it was handled before, and onReplay is skip')
  if (stream.work.kind === 'handle') return told('handle')
  try {
    const returned = stream.work.run(delivered.change, new ChangeContext(around, delivered, progress, 1)) ?? []
    if ('skipped' in returned) return told('skip', returned.skipped)
    const writes = checkedWrites(stream, returned)
    return writes.length === 0 ? told('nothing') : told('write', null, writes)
  } catch (error) {
    return told('fail', error instanceof Error ? error.name : 'an error')
  }
}

function modelName(write: Write): string {
  return Object.keys(write).find((key) => key !== 'target' && key !== 'guard') ?? 'unknown'
}
