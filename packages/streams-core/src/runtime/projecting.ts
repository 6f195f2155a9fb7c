import type { Delivered, NewLetter } from '../ports.js'
import { Batch, type Piece } from './batch.js'
import { batchCommitter } from './commitBatch.js'
import type { Committer } from './committer.js'
import { conditions } from './conditions.js'
import type { HandingOut } from './leaseKeeper.js'
import { pieceOf } from './piece.js'
import type { Parking } from './parking.js'
import type { Progress } from './progress.js'
import type { Work } from './work.js'
import type { Worker } from './worker.js'

// The one that is being filled, beside the one that is being committed and one that waits.
const mostWaiting = 1

/** Gathers what changes ask to be written, and commits a batch while the next one is gathered. A lone change waits for nothing. */
export function projecting(worker: Worker, progress: Progress, committer: Committer, parking: Parking, keeper: HandingOut): Work {
  const { stream, signal } = worker
  const commit = batchCommitter(worker, progress, committer, parking, keeper)
  const make = pieceOf(worker, progress)
  const failed = new AbortController()
  const { until, look } = conditions()
  const waiting: Batch[] = []
  let open = new Batch()
  let busy = false
  let last: Delivered | null = null

  const idle = () => !busy && waiting.length === 0 && open.pieces.length === 0
  const over = () => failed.signal.aborted || signal.aborted
  const hasRoom = () => waiting.length <= mostWaiting

  function fail(error: unknown): void {
    // Some of it may be written and not saved.
    if (last !== null) progress.handedOut(last.position)
    failed.abort(error)
    look()
  }

  function add(piece: Piece): void {
    if (!open.accepts(piece)) closeOpen()
    open.add(piece)
    if (open.isFull) closeOpen()
  }

  function closeOpen(): void {
    waiting.push(open)
    open = new Batch()
    flush()
  }

  function flush(): void {
    if (busy || over() || idle()) return
    busy = true
    void commitAll()
  }

  async function commitAll(): Promise<void> {
    try {
      while (!over()) {
        if (waiting.length === 0 && open.pieces.length > 0) {
          waiting.push(open)
          open = new Batch()
        }
        const batch = waiting.shift()
        if (batch === undefined) return
        look()
        await commit(batch.pieces)
      }
    } catch (error) {
      // Before it is idle: who waits for everything to be saved would save a position behind the change that failed.
      fail(error)
    } finally {
      busy = false
      look()
    }
  }

  /** A change that cannot be projected now: what stands before it is committed, and it is tried again as often as the stream says. */
  async function later(delivered: Delivered, first: unknown): Promise<void> {
    flush()
    try {
      add(await make.again(delivered, first))
    } catch (error) {
      await until(() => over() || idle())
      if (over()) return fail(error)
      try {
        add(make.aside(delivered, parking.parked(delivered, error)))
      } catch (final) {
        fail(final)
      }
    }
  }

  /** What stands before it is committed. */
  async function stopAt(error: unknown): Promise<void> {
    flush()
    await until(() => over() || idle())
    fail(error)
  }

  return {
    failed: failed.signal,
    get idle() {
      return idle()
    },

    take(delivered) {
      last = delivered
      let letter: NewLetter | null
      try {
        const isDone = stream.onReplay === 'skip' && progress.isReplay(delivered.position.token)
        letter = isDone ? null : parking.held(delivered)
      } catch (error) {
        return stopAt(error)
      }
      try {
        add(letter === null ? make.first(delivered) : make.aside(delivered, letter))
      } catch (error) {
        return later(delivered, error)
      }
      return hasRoom() ? null : until(() => over() || hasRoom())
    },

    flush,

    async drained() {
      flush()
      await until(() => over() || idle())
      failed.signal.throwIfAborted()
      if (!idle()) signal.throwIfAborted()
    },

    // What was only gathered is read again by the next run: nothing of it is written.
    async close() {
      await until(() => !busy)
    },
  }
}
