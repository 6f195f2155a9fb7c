import type { Position } from '../core/position.js'
import { orFault } from './fault.js'
import { registry } from './registry.js'
import type { AdminOptions } from './types.js'

/**
 * A stream's saved position, with the type bits that make its token whole; null while none is saved.
 * @throws {StreamError} UNKNOWN_STREAM, and those of `listStreams`
 */
export async function loadPosition(options: AdminOptions, name: string): Promise<Position | null> {
  return await orFault(`stream ${name}`, async () => (await registry(options).get(name)).saved?.position ?? null)
}
