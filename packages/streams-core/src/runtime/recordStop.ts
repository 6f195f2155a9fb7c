import type { StreamError } from '../streamError.js'
import { savedError } from './faults.js'
import { makeCertain } from './makeCertain.js'
import type { Progress } from './progress.js'
import type { Worker } from './worker.js'

/** Its transaction may still be open: it locks what a stop writes, and the next owner must find it. */
export const mayHaveOpen = ({ unresolved }: Progress) => unresolved !== null && unresolved.withEffects

/**
 * Leaves in the state why a run stopped, for operators: from then on they can take the halt back. May be called until it has succeeded once; after
 * that it changes nothing.
 */
export async function recordStop(
  worker: Pick<Worker, 'stream' | 'store' | 'clock'>,
  progress: Progress,
  fault: StreamError,
): Promise<void> {
  await makeCertain(worker, progress).catch((failure: unknown) => {
    // A plain save may land later, or never: that is no harm.
    if (mayHaveOpen(progress)) throw failure
  })
  await worker.store.release(progress.claim, savedError(fault, worker.clock.now()), progress.inDoubt)
}
