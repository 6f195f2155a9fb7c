import type { Position } from '../core/position.js'
import { orFault } from './fault.js'
import { registry } from './registry.js'
import type { AdminOptions } from './types.js'

/** A saved position with what it belongs to, as it can be put back. */
export interface SavedPosition {
  readonly name: string
  readonly position: Position
  readonly fingerprint: string | null
  /** Of the watched collection (hex), null while unknown. */
  readonly uuid: string | null
  readonly rev: number
}

/** Every saved position, sorted by name, or those of `names`. Writes nothing. */
export async function exportPositions(options: AdminOptions, names?: readonly string[]): Promise<readonly SavedPosition[]> {
  return await orFault('the saved state', async () => {
    const all = registry(options)
    const wanted = (await all.names()).filter((name) => names?.includes(name) ?? true)
    const found = await Promise.all(wanted.map(async (name) => (await all.get(name)).saved))
    return found.flatMap((saved) =>
      saved === null || saved.position === null
        ? []
        : [{ name: saved.name, position: saved.position, fingerprint: saved.fingerprint, uuid: saved.uuid, rev: saved.rev }],
    )
  })
}
