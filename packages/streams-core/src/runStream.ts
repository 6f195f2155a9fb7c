import type { Document } from 'mongodb'
import { mongoChangeSource } from './mongo/changeSource.js'
import { mongoCheckpointStore } from './mongo/checkpointStore.js'
import { mongoDeadLetterStore } from './mongo/deadLetterStore.js'
import { keyText } from './mongo/documentIds.js'
import { fingerprint } from './mongo/fingerprint.js'
import { refuseHangingOptions } from './mongo/hangingOptions.js'
import { mongoLeaseStore } from './mongo/leaseStore.js'
import { ownSessions } from './mongo/ownSessions.js'
import { mongoPauseStore } from './mongo/pauseStore.js'
import { orAborted } from './mongo/orAborted.js'
import { resolvePlaces } from './mongo/places.js'
import { mongoTargetStore } from './mongo/targetStore.js'
import { sharedSource } from './mongo/sharedSource.js'
import { Watchdog } from './mongo/watchdog.js'
import { namespaceText, watchedNamespace } from './mongo/watchedNamespace.js'
import { withRedact } from './failurePolicy.js'
import { openTelemetry } from './openTelemetry.js'
import { newOwner } from './newOwner.js'
import { isGone, ownProcess } from './processMark.js'
import { refuseUnknownOptions } from './knownOptions.js'
import type { RunHandle, RunOptions } from './runOptions.js'
import type { Progress } from './runtime/progress.js'
import { type RunView, run } from './runtime/run.js'
import { Tally } from './runtime/tally.js'
import { type Guarding, watchedLeases, watchedLetters, watchedPauses, watchedStore, watchedTargets } from './runtime/watched.js'
import { type Worker, announcer } from './runtime/worker.js'
import { silentLog } from './silentLog.js'
import type { Stream } from './stream.js'
import { StreamError } from './streamError.js'
import { systemClock } from './systemClock.js'

// What reading or saving the state takes at the most on a healthy server.
const stateMs = 1000

/**
 * Runs a stream until it is stopped, reaches its ending, or fails; `done` tells which. The clients stay the caller's.
 * @throws {StreamError} INVALID_OPTIONS, INVALID_STREAM, NO_DATABASE for what can be seen without asking the server
 */
export function runStream<T extends Document>(given: Stream<T>, options: RunOptions): RunHandle {
  refuseUnknownOptions('runStream', options)
  const stream = withRedact(given, options.redact)
  const {
    max,
    signal: outer,
    log = silentLog,
    observer = {},
    acceptDrift = false,
    standby = false,
    onFatal = 'reject',
    takeOver = false,
    headroomWarning = 0.25,
    leaseTtlMs = 10_000,
  } = options
  if (max !== undefined && !(max > 0)) throw new StreamError('INVALID_OPTIONS', `max must be a number above 0; got ${max}`)
  if (!(leaseTtlMs >= 100)) throw new StreamError('INVALID_OPTIONS', `leaseTtlMs must be at least 100 ms; got ${leaseTtlMs}`)
  if (!(headroomWarning >= 0 && headroomWarning <= 1))
    throw new StreamError('INVALID_OPTIONS', `headroomWarning must be a share from 0 to 1; got ${headroomWarning}`)
  if (!['reject', 'hold'].includes(onFatal))
    throw new StreamError('INVALID_OPTIONS', `onFatal must be reject or hold; got ${onFatal}`)
  if (options.reader !== undefined && !['own', 'driver'].includes(options.reader))
    throw new StreamError('INVALID_OPTIONS', `reader must be own or driver; got ${options.reader}`)
  if (!isEnding(options.until))
    throw new StreamError('INVALID_OPTIONS', "until must be 'caught-up', 'redriven' or { time: Date }")
  const places = resolvePlaces(options)
  const namespace = watchedNamespace(stream, places)
  refuseHangingOptions(places.state.client, 0)
  const owner = options.owner ?? newOwner()
  const stopping = new AbortController()
  const signal = outer === undefined ? stopping.signal : AbortSignal.any([outer, stopping.signal])
  let claimed!: RunView['claimed']
  const started = new Promise<Progress>((resolve) => (claimed = resolve))
  const view: RunView = { phase: 'starting', progress: null, claimed }
  const passing = announcer(observer, stream.name)
  const alone = mongoChangeSource(stream, namespace, {
    reader: options.reader ?? 'own',
    // A session belongs to one client.
    ...(namespace.client === places.state.client && { session: () => sessions.reading }),
  })
  const { readers, reader } = options
  const shared = readers !== undefined && reader !== 'driver' ? sharedSource(stream, namespace, alone, readers) : null
  const source = shared ?? alone
  const sessions = ownSessions(places.state.client, stream.work.kind === 'handle' ? stream.concurrency : 0)
  const tally = new Tally()

  const done = (async () => {
    await using owned = sessions
    using _shares = shared
    const tracer = await openTelemetry(stream, namespaceText(namespace))
    const leases = mongoLeaseStore(places.state, owned, passing, () => ({
      reader: source.reader,
      full: tally.full,
      batches: tally.batches,
    }))
    const watchdog = new Watchdog(places.state.client, stateMs)
    const guard: Guarding = (operation) => watchdog.over(operation)
    const worker: Worker = {
      stream,
      owner,
      fingerprint: fingerprint(stream, namespace),
      acceptDrift,
      source: {
        ...source,
        // A server that is not there is looked for as long as the client says, mostly 30 s: who asks to stop does not wait for it.
        ready: () =>
          orAborted(
            source.ready().then(() => watchdog.learn()),
            signal,
          ),
      },
      store: watchedStore(mongoCheckpointStore(places.state, leases, owned, passing), guard),
      leases: watchedLeases(leases, guard),
      pauses: watchedPauses(mongoPauseStore(places.state), guard),
      ttlMs: leaseTtlMs,
      standby,
      hold: onFatal === 'hold',
      takeOver,
      headroomWarning,
      process: ownProcess(),
      isGone,
      targets: watchedTargets(mongoTargetStore(stream, places, passing), guard),
      lending: sessions,
      letters: watchedLetters(mongoDeadLetterStore(places.state), guard),
      keyText,
      clock: systemClock,
      random: Math.random,
      log: log.child({ stream: stream.name }),
      observer,
      tally,
      tracer,
      passing,
      signal,
    }
    return await (tracer === null ? run(worker, view, options) : tracer.detached(() => run(worker, view, options)))
  })()

  const stop = async (reason = 'stopped') => {
    stopping.abort(new Error(reason))
    await done.catch(() => undefined)
  }

  return {
    done,
    stop,
    get status() {
      const { phase, progress } = view
      return {
        name: stream.name,
        owner,
        phase,
        position: progress?.position ?? null,
        handled: progress?.handled ?? 0,
        skipped: progress?.skipped ?? 0,
        parked: progress?.parked ?? 0,
        held: progress?.held ?? 0,
        redriven: progress?.redriven ?? 0,
        reader: source.reader,
      }
    },
    async whenCaughtUp() {
      const time = await source.serverTime()
      const caughtUp = started.then((first) => (view.progress ?? first).whenReached(time))
      await Promise.race([
        caughtUp,
        done.then(() =>
          Promise.reject(new StreamError('INVALID_OPTIONS', `stream ${stream.name} was stopped before it had caught up`)),
        ),
      ])
    },
    [Symbol.asyncDispose]: () => stop('disposed'),
  }
}

function isEnding(until: unknown): boolean {
  if (until === undefined || until === 'caught-up' || until === 'redriven') return true
  const time = typeof until === 'object' && until !== null && 'time' in until ? until.time : null
  return time instanceof Date && Number.isFinite(time.getTime())
}
