import type { ChangeReader, Delivered, KeptLetter } from '../ports.js'
import { assertionsInARow, classify, errorNumber, isAssertion } from '../core/errorClass.js'
import { isInfrastructure } from '../core/infrastructure.js'
import { withError } from '../errorBehind.js'
import { isStreamError } from '../streamError.js'
import type { Committer } from './committer.js'
import type { HandingOut } from './leaseKeeper.js'
import { failureOf, type Parking } from './parking.js'
import type { Progress } from './progress.js'
import { changeGone, rereader } from './rereader.js'
import { resettling } from './resettling.js'
import { type Worker, observe } from './worker.js'

// How soon a worker notices that an operator wants something put back, or has discarded it.
const lookMs = 1000
const waitMs = 20

/** Puts back what an operator marked (protocol, rule 29). */
export interface Redriving {
  /** Until `signal` aborts; rejects with what must stop the stream. */
  watch(signal: AbortSignal): Promise<void>
  /** Everything that is marked now. */
  all(signal: AbortSignal): Promise<void>
}

/**
 * The owner hands the changes of a marked key over again, in their order, and removes each once it is handled; the write that removes the last one
 * releases the key. Nothing else of that key runs meanwhile: its live changes are held until then. A change that fails again stays, with
 * what failed, and so does everything behind it.
 */
export function redriving(
  worker: Worker,
  progress: Progress,
  committer: Committer,
  parking: Parking,
  keeper: HandingOut,
): Redriving {
  const { stream, letters, source, clock, observer, log, passing } = worker
  const { name } = stream
  const settle = resettling(worker, progress, committer, keeper)

  async function all(signal: AbortSignal): Promise<void> {
    const held = await committer.alone(async () => {
      const now = await letters.held(name)
      parking.refresh(now)
      return now
    })
    // What comes again after a crash may be older than the first letter of its key: it goes first.
    if (held.marked.length === 0 || !parking.isReadPast(progress.position.token)) return
    for (const key of held.marked) {
      signal.throwIfAborted()
      await one(key, signal)
    }
  }

  async function one(key: string, signal: AbortSignal): Promise<void> {
    let reader: ChangeReader | null = null
    try {
      const changes = rereader(source, async (from) => (reader = await source.open(from)), signal)
      for (;;) {
        signal.throwIfAborted()
        const letter = await letters.next(name, key)
        if (letter === null) {
          if (await committer.alone(async () => (await letters.next(name, key)) === null && parking.released(key))) {
            passing('redrive.released')
            return
          }
          // One of its changes is being held just now.
          await clock.sleep(waitMs, signal)
          continue
        }
        if (!keeper.mayHandOutNow()) await keeper.mayHandOut(signal)
        if (!(await redone(letter, changes))) return
      }
    } finally {
      await (reader as ChangeReader | null)?.[Symbol.asyncDispose]()
    }
  }

  async function redone(letter: KeptLetter, changes: (letter: KeptLetter) => Promise<Delivered | null>): Promise<boolean> {
    const { position } = letter
    const { token } = position
    passing('redrive.begun')
    try {
      const delivered = await changes(letter)
      if (delivered === null) throw changeGone(name, position)
      await settle(delivered, async (session) => {
        passing('redrive.removing')
        const isRemoved = await letters.remove(letter, session)
        passing('redrive.removed')
        return isRemoved
      })
      passing('redrive.committed')
    } catch (error) {
      if (!isStreamError(error, 'HANDLER_FAILED')) throw error
      const failure = failureOf(error, stream)
      if (failure.class === 'fatal') throw error
      passing('redrive.failing')
      await committer.beside((session) => letters.failed(letter, failure, session))
      log.error(withError({ token }, error.cause), 'put back, it failed again; its key stays held')
      observe(observer, (to) => to.redriven?.({ stream: name, token, outcome: 'failed', error: error.cause }))
      return false
    }
    progress.redriven += 1
    observe(observer, (to) => to.redriven?.({ stream: name, token, outcome: 'handled', error: null }))
    return true
  }

  return {
    all,
    async watch(signal) {
      for (let asserted = 0; !signal.aborted;) {
        await parking.whenHeld(signal)
        await clock.sleep(lookMs, signal).catch(() => undefined)
        if (signal.aborted) return
        try {
          await all(signal)
          asserted = 0
        } catch (error) {
          if (signal.aborted && error === signal.reason) return
          // As in reading: what the server says against a look may pass, and ends no stream whose live changes go on. A fault of ours would be repeated for ever.
          const mayPass = isInfrastructure(error) || errorNumber(error) !== null
          if (isStreamError(error) || classify(error).kind === 'fatal' || !mayPass) throw error
          asserted = isAssertion(error) ? asserted + 1 : 0
          if (asserted === assertionsInARow) throw error
          log.warn({ err: error }, 'putting back is tried again')
        }
      }
    },
  }
}
