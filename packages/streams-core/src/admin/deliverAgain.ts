import { unobserved } from '../core/crashPoints.js'
import { laneKey } from '../core/laneKey.js'
import type { ClusterTime, Position } from '../core/position.js'
import type { Log } from '../log.js'
import { mongoDeadLetterStore } from '../mongo/deadLetterStore.js'
import { keyText } from '../mongo/documentIds.js'
import { passiveStore } from '../mongo/passiveStore.js'
import type { ResolvedPlaces } from '../mongo/places.js'
import { mongoTargetStore } from '../mongo/targetStore.js'
import type { ChangeReader } from '../ports.js'
import { betweenSetUp } from '../runtime/betweenSetUp.js'
import { Progress } from '../runtime/progress.js'
import { type Redelivered, redeliver } from '../runtime/redeliver.js'
import { Tally } from '../runtime/tally.js'
import { silentLog } from '../silentLog.js'
import type { Stream } from '../stream.js'
import { systemClock } from '../systemClock.js'
import type { SavedCheckpoint } from './registry.js'

export interface ReplayOptions {
  /** Aborting finishes the change in hand. */
  readonly signal?: AbortSignal
  readonly log?: Log
  /** Call the handler even where it declares `onReplay: 'skip'`. */
  readonly sideEffects?: boolean
  readonly onProgress?: (so: Redelivered) => void
}

/** What is handed over, of which stream. */
export interface Again {
  readonly places: ResolvedPlaces
  readonly stream: Stream
  readonly saved: SavedCheckpoint
  readonly from: Position
  /** Last token that is delivered. */
  readonly until: string
  /** A majority write that is not older than `until`. */
  readonly endTime: ClusterTime
  /** Opens what is read once the stream is set up. */
  open(): Promise<ChangeReader>
  /** At most so many; at most so many a second. */
  readonly limit?: number | undefined
  readonly rate?: number | undefined
  /** What log lines are marked with. */
  readonly mark: 'replay' | 'repair'
}

// Above every token: whatever is handed over counts as handed over before.
const everything = '~'

/** Hands something to a stream's handler beside its own run, between a set-up and a tear-down of its own; the saved position is neither moved nor passed. */
export async function deliverAgain(again: Again, options: ReplayOptions): Promise<Redelivered> {
  const { places, saved, from } = again
  const { signal = new AbortController().signal, log = silentLog, sideEffects = false, onProgress = () => undefined } = options
  const stream = sideEffects ? { ...again.stream, onReplay: 'run' as const } : again.stream
  await using store = passiveStore(places.state.client)
  const worker = {
    stream,
    store,
    targets: mongoTargetStore(stream, places),
    clock: systemClock,
    random: Math.random,
    observer: {},
    tally: new Tally(),
    tracer: null,
    passing: unobserved,
    signal,
    log: log.child({ stream: stream.name, [again.mark]: true }),
  }
  await worker.targets.ensure()
  return await betweenSetUp(worker, async () => {
    await using reader = await again.open()
    const progress = new Progress({ ...saved, position: from, highest: everything, skipped: [] }, null)
    return await redeliver(worker, progress, reader, {
      until: again.until,
      endTime: again.endTime,
      limit: again.limit ?? Number.POSITIVE_INFINITY,
      rate: again.rate ?? Number.POSITIVE_INFINITY,
      keyOf: ({ change }) => laneKey(stream.key(change), keyText),
      parkedKeys: (await mongoDeadLetterStore(places.state).held(stream.name)).keys,
      onProgress,
    })
  })
}
