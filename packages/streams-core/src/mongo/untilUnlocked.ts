import { errorNumber, maxTimeMsExpired } from '../core/errorClass.js'

const tries = 20

/**
 * Repeats `attempt` while it runs into its maxTimeMS: a zombie can open a new transaction between the killing of its sessions and the
 * fence. Rejects with the last error after 20 tries.
 */
export async function untilUnlocked<T>(attempt: () => Promise<T>): Promise<T> {
  for (let tried = 1; ; tried += 1) {
    try {
      return await attempt()
    } catch (error) {
      if (errorNumber(error) !== maxTimeMsExpired || tried === tries) throw error
    }
  }
}
