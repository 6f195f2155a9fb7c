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

/** The positions that the state itself keeps. */
export interface LastPositions {
  /** Null while none is saved. */
  readonly position: Position | null
  /** Where it was before the last move by an operator, which `prev` means; null when there was none. */
  readonly previous: Position | null
}

/** @throws {StreamError} UNKNOWN_STREAM, and those of `listStreams` */
export async function lastPositions(options: AdminOptions, name: string): Promise<LastPositions> {
  return await orFault(`stream ${name}`, async () => {
    const { saved } = await registry(options).get(name)
    return { position: saved?.position ?? null, previous: saved?.previous ?? null }
  })
}
