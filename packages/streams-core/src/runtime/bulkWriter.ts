import type { Written } from '../ports.js'
import type { Write } from '../write.js'
import type { HandingOut } from './leaseKeeper.js'
import { type Patient, patiently } from './patience.js'
import type { Worker } from './worker.js'

/** Of work that no other worker does at the same time, whatever becomes of a lease. */
export const alwaysOurs: HandingOut = { mayHandOutNow: () => true, mayHandOut: async () => undefined }

/**
 * Writes outside a transaction, through every fault that may pass. No fence holds a former owner back there, so the lease is asked for right before each
 * try: a worker that was frozen or cut off in an outage would write over what its successor has written since. Rejects with the signal's reason on abort
 * while it waits for the lease.
 */
export function bulkWriter(
  worker: Patient & Pick<Worker, 'targets'>,
  keeper: HandingOut,
): (writes: readonly Write[]) => Promise<Written> {
  const { targets, signal } = worker
  return async (writes) =>
    await patiently(worker, 'writing again', async () => {
      if (!keeper.mayHandOutNow()) await keeper.mayHandOut(signal)
      return await targets.apply(writes, undefined)
    })
}
