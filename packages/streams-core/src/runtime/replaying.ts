import type { CheckpointStore, Delivered } from '../ports.js'
import { alwaysOurs } from './bulkWriter.js'
import { batchCommitter } from './commitBatch.js'
import type { Committer } from './committer.js'
import { handler } from './handler.js'
import { noParking } from './parking.js'
import type { Patient } from './patience.js'
import { type Projecting, pieceOf } from './piece.js'
import type { Progress } from './progress.js'
import type { Worker } from './worker.js'

export type Replaying = Projecting &
  Patient &
  Pick<Worker, 'tally' | 'tracer'> & { readonly store: Pick<CheckpointStore, 'commitWith'> }

/** Gives one change after the other to the handler or the projection again; its effects are committed, no position is. */
export function replaying(worker: Replaying, progress: Progress): (delivered: Delivered) => Promise<void> {
  const { stream } = worker
  if (stream.work.kind === 'handle') {
    const { hand } = handler(worker, progress)
    return async (delivered) => {
      const isDone = stream.onReplay === 'skip' && progress.isReplay(delivered.position.token)
      progress[isDone ? 'skipped' : await hand(delivered)] += 1
    }
  }
  const make = pieceOf(worker, progress)
  const commit = batchCommitter(worker, progress, savingNothing(worker, progress), noParking, alwaysOurs)
  return async (delivered) => {
    const piece = await Promise.resolve()
      .then(() => make.first(delivered))
      .catch((error: unknown) => make.again(delivered, error))
    await commit([piece])
  }
}

function savingNothing({ store }: Replaying, progress: Progress): Pick<Committer, 'save' | 'together'> {
  return {
    async save(_advance, counts) {
      progress.handled += counts?.handled ?? 0
      progress.skipped += counts?.skipped ?? 0
    },
    async together(advance, { handled, skipped }, effects, mayGiveUp) {
      const outcome = await store.commitWith(progress.claim, advance, effects, mayGiveUp)
      if (outcome.kind === 'contended') return false
      progress.handled += handled
      progress.skipped += skipped
      return true
    },
  }
}
