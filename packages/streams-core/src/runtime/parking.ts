import type { ClientSession } from 'mongodb'
import { errorIdentity } from '../core/errorIdentity.js'
import { failureClass } from '../core/failureClass.js'
import { isInfrastructure } from '../core/infrastructure.js'
import { laneKey } from '../core/laneKey.js'
import { withError } from '../errorBehind.js'
import type { Delivered, Held, LetterFailure, NewLetter } from '../ports.js'
import { StreamError, isStreamError } from '../streamError.js'
import { conditions } from './conditions.js'
import { handlerFailed, parkFailed } from './faults.js'
import { newLetter } from './newLetter.js'
import { type Worker, observe } from './worker.js'

export type ParkingWorker = Pick<Worker, 'stream' | 'letters' | 'log' | 'observer' | 'keyText' | 'passing'>

/** Which changes are put aside. What was put aside before this run counts too. */
export interface Parking {
  /**
   * The letter of a change that must wait behind a parked one of its key; null when it may be handled.
   * @throws {StreamError} PARK_FAILED for a change of no known key, which may belong to any of those that wait
   */
  held(delivered: Delivered): NewLetter | null
  /** The letter of a change whose attempts are used up (`error`: HANDLER_FAILED); from here on its key waits. Throws `error` when it is to stop the stream. */
  parked(delivered: Delivered, error: unknown): NewLetter
  /** @throws {StreamError} PARK_FAILED when the server refuses them */
  add(letters: readonly NewLetter[], session: ClientSession | undefined): Promise<void>
  /** They are durable. */
  added(letters: readonly NewLetter[]): void
  /** Resolves once something is held, or on abort. */
  whenHeld(signal: AbortSignal): Promise<void>
  /** Is everything read again that was put aside before this run? */
  isReadPast(token: string): boolean
  /** What lies in the dead letters now; to be called while nothing is committed. Some may have expired, or been discarded. */
  refresh(now: Held): void
  /** A key of which nothing is left, unless one of its changes is on the way; to be called while nothing is committed. */
  released(key: string): boolean
}

export function parkingOf({ stream, letters, log, observer, keyText, passing }: ParkingWorker, before: Held): Parking {
  const { name, deadLetters } = stream
  const keys = new Map(before.keys)
  // What the observer and the log are told of; gone once it was.
  const causes = new WeakMap<NewLetter, unknown>()
  // On the way to the dead letters: tokens by key.
  const pending = new Map<string, Set<string>>()
  const { until, look } = conditions()
  let parked = before.parked
  let alerted = false

  function keyOf(delivered: Delivered): string | null {
    try {
      return laneKey(stream.key(delivered.change), keyText)
    } catch (error) {
      throw handlerFailed(error, name, delivered.position, 1)
    }
  }

  function letter(delivered: Delivered, key: string, state: NewLetter['state'], failure: LetterFailure | null): NewLetter {
    const tokens = pending.get(key) ?? new Set()
    pending.set(key, tokens.add(delivered.position.token))
    return newLetter(stream, delivered, { key, state, failure })
  }

  function alert(): void {
    const { alertAt } = deadLetters
    if (alertAt === null || parked < alertAt || alerted) return
    alerted = true
    log.error({ parked, alertAt }, 'so many changes are parked that somebody should look: boletia-streams dead-letters list')
    observe(observer, (to) => to.alert?.({ stream: name, parked, alertAt }))
  }

  /** Fewer than the threshold: the next time that it is reached is told again. */
  function counted(now: number): void {
    parked = now
    if (deadLetters.alertAt !== null && now < deadLetters.alertAt) alerted = false
  }

  function letGo(released: number): void {
    log.info({ keys: released }, 'nothing of these keys is parked any more: they go on')
    observe(observer, (to) => to.released?.({ stream: name, keys: released }))
  }

  alert()
  return {
    held(delivered) {
      if (keys.size === 0) return null
      const key = keyOf(delivered)
      const { token } = delivered.position
      if (key === null) throw barrierHeld(name, delivered)
      const first = keys.get(key)
      // Read again after a crash, what came before the parked one was handled before, and is no reason to hold it.
      return first === undefined || token < first ? null : letter(delivered, key, 'held', null)
    },

    parked(delivered, error) {
      if (stream.onError !== 'park' || !isStreamError(error, 'HANDLER_FAILED')) throw error
      const failure = failureOf(error, stream)
      if (failure.class === 'fatal') throw error
      const key = keyOf(delivered)
      if (key === null) throw barrierFailed(error, name, delivered)
      const made = letter(delivered, key, 'parked', failure)
      const first = keys.get(key)
      if (first === undefined || delivered.position.token < first) keys.set(key, delivered.position.token)
      look()
      causes.set(made, error.cause)
      return made
    },

    async add(added, session) {
      try {
        passing('park.writing')
        await letters.add(added, session)
        passing('park.written')
      } catch (error) {
        if (isStreamError(error) || isInfrastructure(error)) throw error
        throw parkFailed(error, name, added[0]!.position)
      }
    },

    added(durable) {
      if (durable.length > 0) passing('park.committed')
      for (const made of durable) {
        const { state, position, key } = made
        const tokens = pending.get(key)
        tokens?.delete(position.token)
        if (tokens?.size === 0) pending.delete(key)
        if (state === 'parked') parked += 1
        const error = causes.get(made)
        observe(observer, (to) => to.parked?.({ stream: name, token: position.token, state, error }))
        if (made.failure !== null)
          log.error(withError({ token: position.token }, error), 'parked; later changes of its key are held')
      }
      alert()
    },

    async whenHeld(signal) {
      signal.addEventListener('abort', look, { once: true })
      await until(() => keys.size > 0 || signal.aborted)
      signal.removeEventListener('abort', look)
    },

    isReadPast: (token) => before.last === null || token >= before.last,

    refresh(now) {
      const gone = [...keys.keys()].filter((key) => !now.keys.has(key) && !pending.has(key))
      for (const key of gone) keys.delete(key)
      if (gone.length > 0) letGo(gone.length)
      // An earlier one may be on its way: forgotten, what comes between the two would be handled before it.
      for (const [key, first] of now.keys) keys.set(key, lowest(first, pending.get(key)))
      counted(now.parked)
    },

    released(key) {
      if (pending.has(key)) return false
      if (keys.delete(key)) letGo(1)
      if (keys.size === 0) counted(0)
      return true
    },
  }
}

function lowest(first: string, others: Iterable<string> = []): string {
  let found = first
  for (const token of others) if (token < found) found = token
  return found
}

/** Where nothing is ever put aside: a replay. */
export const noParking: Parking = {
  held: () => null,
  parked(_delivered, error) {
    throw error
  },
  add: async () => undefined,
  added: () => undefined,
  whenHeld: async () => undefined,
  isReadPast: () => true,
  refresh: () => undefined,
  released: () => false,
}

/** What is kept of an error of a handler (`error`: HANDLER_FAILED). */
export function failureOf(
  { cause, details }: StreamError,
  { classify, deadLetters }: Pick<Worker['stream'], 'classify' | 'deadLetters'>,
): LetterFailure {
  return {
    ...errorIdentity(cause),
    class: failureClass(cause, classify),
    message: deadLetters.payload === 'full' && cause instanceof Error ? cause.message : null,
    attempts: Number(details['attempts'] ?? 1),
  }
}

function barrierHeld(stream: string, { position: { token } }: Delivered): StreamError {
  return new StreamError(
    'PARK_FAILED',
    `stream ${stream}: the key of change ${token} is not known, so it may belong to one whose changes are parked, and must wait for them; put those back (boletia-streams dead-letters redrive ${stream}) or discard them, then start again`,
    { details: { stream, token } },
  )
}

function barrierFailed(cause: StreamError, stream: string, { position: { token } }: Delivered): StreamError {
  return new StreamError(
    'PARK_FAILED',
    `stream ${stream}: the handler failed at change ${token}, whose key is not known: parked, it would hold back every change of every key; mend the handler or its data, then start again`,
    { cause, details: { stream, token } },
  )
}
