import { mongoHistoryStore } from '../mongo/historyStore.js'
import { orFault } from './fault.js'
import { registry } from './registry.js'
import type { AdminOptions, HistoryEntry } from './types.js'

/**
 * Who moved a stream's position, when, why, before and after; the newest first.
 * @throws {StreamError} UNKNOWN_STREAM
 */
export async function history(
  options: AdminOptions,
  name: string,
  { limit = 20 }: { readonly limit?: number } = {},
): Promise<readonly HistoryEntry[]> {
  return await orFault(`stream ${name}`, async () => {
    const all = registry(options)
    await all.get(name)
    return await mongoHistoryStore(all.places.state).list(name, limit)
  })
}
