import { fateOf } from '../core/errorClass.js'
import { failureClass } from '../core/failureClass.js'
import { isDuplicateKey, refusedByGuard } from '../core/refusedByGuard.js'
import { nothingWritten } from '../core/written.js'
import type { Effects, Written } from '../ports.js'
import { FailedWrite, reasonOf } from '../failedWrite.js'
import { attempts } from './attempts.js'
import { type Piece, mostChanges } from './batch.js'
import { bulkWriter } from './bulkWriter.js'
import type { Committer } from './committer.js'
import { handlerFailed, isNoFaultOfAChange } from './faults.js'
import { type Outcome, retrying } from './handler.js'
import type { HandingOut } from './leaseKeeper.js'
import type { Patient } from './patience.js'
import { type Projecting, pieceOf } from './piece.js'
import type { Parking } from './parking.js'
import { type Counts, type Progress, noCounts } from './progress.js'
import { isRepeatSafe } from './projection.js'
import { type Worker, observe } from './worker.js'

// After two write conflicts in a row the guards carry a contended target for this long, before a transaction is tried again.
const guardedForMs = 10_000

/**
 * Commits the writes of pieces, all of one way, with the checkpoint behind the last one. Rejects with HANDLER_FAILED for a change whose
 * writes the server refuses; what stands before that change is committed then.
 */
export function batchCommitter(
  worker: Projecting & Patient & Pick<Worker, 'tally' | 'tracer'>,
  progress: Progress,
  committer: Pick<Committer, 'save' | 'together'>,
  parking: Parking,
  keeper: HandingOut,
): (pieces: readonly Piece[]) => Promise<void> {
  const { stream, targets, clock, observer, signal, passing, tally, tracer } = worker
  const make = pieceOf(worker, progress)
  const writeBulk = bulkWriter(worker, keeper)
  let guardedUntil = 0
  let limit = mostChanges

  /** In parts that are small enough to get through beside other writers; they grow again when they do. */
  async function commit(pieces: readonly Piece[]): Promise<void> {
    for (let rest = pieces; rest.length > 0;) {
      const part = rest.length > limit ? rest.slice(0, limit) : rest
      if (await commitPart(part)) {
        rest = rest.slice(part.length)
        if (part.length === limit) limit = Math.min(2 * limit, mostChanges)
      } else limit = Math.max(1, Math.floor(part.length / 2))
    }
  }

  /** False: it conflicts with other writers, and nothing was done. */
  async function commitPart(given: readonly Piece[]): Promise<boolean> {
    // Since they were projected, an earlier change of their key may have been parked.
    const pieces = given.map(orHeld)
    try {
      if (!(await attempt(pieces))) return false
      for (const piece of pieces) settled(piece)
    } catch (error) {
      if (isBlameless(error)) throw error
      const at = toBlame(pieces, error)
      if (at === null) {
        // Each half again: what fails then, down to one change, is found without any attempt of the others used up.
        const middle = Math.ceil(pieces.length / 2)
        await commit(pieces.slice(0, middle))
        await commit(pieces.slice(middle))
        return true
      }
      const reason = reasonOf(error)
      const piece = pieces[at]!
      // Which of the changes is to blame is known: what stands before it is sound.
      if (at > 0) await commit(pieces.slice(0, at))
      if (isDone(piece, reason)) await onlyPosition(piece)
      else await alone(piece, reason)
      await commit(pieces.slice(at + 1))
    }
    return true
  }

  function attempt(pieces: readonly Piece[]): Promise<boolean> {
    return tracer === null ? committed(pieces) : tracer.committing(pieces.length, () => committed(pieces))
  }

  async function committed(pieces: readonly Piece[]): Promise<boolean> {
    const writes = pieces.length === 1 ? pieces[0]!.writes : pieces.flatMap((piece) => piece.writes)
    const advance = progress.settling(pieces.at(-1)!.delivered)
    const counts = countsOf(pieces)
    const letters = pieces.flatMap(({ letter }) => letter ?? [])
    const save = async () => {
      if (letters.length === 0) return await committer.save(advance, counts)
      await committer.together(advance, counts, (session) => parking.add(letters, session), false)
      parking.added(letters)
    }
    if (writes.length === 0) {
      await save()
      return true
    }
    const began = clock.now()
    // Existing documents stay with their checkpoint: read again as of another time, they would not be the ones that a crash left behind.
    const repeatSafe = isRepeatSafe(writes) && pieces[0]!.delivered.position.backfill === undefined
    if (pieces[0]!.way === 'transaction' && !(repeatSafe && clock.now() < guardedUntil)) {
      const mayGiveUp = repeatSafe || pieces.length > 1
      let written = nothingWritten
      const effects: Effects = async (session) => {
        written = await targets.apply(writes, session)
        if (letters.length > 0) await parking.add(letters, session)
      }
      if (await committer.together(advance, counts, effects, mayGiveUp)) {
        parking.added(letters)
        tell(pieces, writes, written, began)
        return true
      }
      if (!repeatSafe) return false
      guardedUntil = clock.now() + guardedForMs
    }
    const written = await writeBulk(writes)
    passing('bulk.effectsWritten')
    await save()
    tell(pieces, writes, written, began)
    return true
  }

  function tell(pieces: readonly Piece[], writes: readonly unknown[], written: Written, began: number): void {
    const now = clock.now()
    const counts = { changes: pieces.length, writes: writes.length }
    tally.batch(now, counts.changes, counts.writes, written)
    observe(observer, (to) => to.batch?.({ stream: stream.name, ...counts, written, durationMs: now - began }))
  }

  /** One change by itself, as often as the stream says: its projection too, whose result may depend on more than the change. */
  async function alone(piece: Piece, first: unknown): Promise<void> {
    const { delivered } = piece
    let made = 1
    const tried = async (number: number) => {
      made = number
      const again = make.first(delivered, number)
      await attempt([again]).catch(async (error: unknown) => {
        if (!isDone(again, reasonOf(error))) throw error
        await committer.save(progress.settling(delivered), countsOf([again]))
      })
    }
    try {
      await attempts(tried, {
        retry: isDuplicateKey(first) ? { ...stream.retry, attempts: Math.max(2, stream.retry.attempts) } : stream.retry,
        signal,
        first,
        onFailed: (error, number) => retrying(worker, delivered, error, number),
        isFinal: (error) => isBlameless(error) || failureClass(reasonOf(error), stream.classify) !== 'transient',
      })
      settled(piece)
    } catch (error) {
      const reason = reasonOf(error)
      if (isBlameless(reason)) throw reason
      const aside = make.aside(delivered, parking.parked(delivered, handlerFailed(reason, stream.name, delivered.position, made)))
      await attempt([aside])
      settled(aside)
    }
  }

  function orHeld(piece: Piece): Piece {
    if (piece.letter !== undefined || piece.skipped) return piece
    const letter = parking.held(piece.delivered)
    return letter === null ? piece : make.aside(piece.delivered, letter)
  }

  /** The ledger has the change: none of its writes may be done again, only its position is left to save. */
  async function onlyPosition(piece: Piece): Promise<void> {
    await committer.save(progress.settling(piece.delivered), countsOf([piece]))
    settled(piece)
  }

  /** A projection's writes are the engine's own: that the user may not do them is no fault of the change. */
  function isBlameless(error: unknown): boolean {
    const reason = reasonOf(error)
    return isNoFaultOfAChange(reason) || fateOf(reason) === 'UNAUTHORISED' || (signal.aborted && reason === signal.reason)
  }

  function settled(piece: Piece): void {
    if (observer.settled === undefined) return
    const { delivered, began } = piece
    const { token } = delivered.position
    const outcome = outcomeOf(piece)
    observe(observer, (to) => to.settled?.({ stream: stream.name, token, outcome, durationMs: clock.now() - began }))
  }

  return commit
}

const outcomeOf = ({ letter, skipped }: Piece): Outcome => letter?.state ?? (skipped ? 'skipped' : 'handled')

function countsOf(pieces: readonly Piece[]): Counts {
  const counts = { ...noCounts }
  for (const piece of pieces) counts[outcomeOf(piece)] += 1
  return counts
}

const isDone = ({ writes }: Piece, error: unknown) => refusedByGuard(error, writes) === 'alreadyDone'

/**
 * The place of the piece that an error is about; null when it may be about any of several. Only the server says which write it refused: a document that is
 * too large, or a value that BSON has not, the driver refuses before it sends anything, and does not say whose it is.
 */
function toBlame(pieces: readonly Piece[], error: unknown): number | null {
  if (error instanceof FailedWrite) return ownerOf(pieces, error.index)
  const writing = pieces.flatMap(({ writes }, at) => (writes.length > 0 ? at : []))
  return writing.length > 1 ? null : (writing[0] ?? 0)
}

/** Which piece asked for the write at this place of their writes together. */
function ownerOf(pieces: readonly Piece[], index: number): number {
  let before = 0
  return pieces.findIndex(({ writes }) => (before += writes.length) > index)
}
