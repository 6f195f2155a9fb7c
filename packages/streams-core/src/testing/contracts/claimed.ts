import type { Position } from '../../core/position.js'
import type { CheckpointStore, Claim, Fenced, LeaseStore } from '../../ports.js'
import { highWaterToken } from '../changes/madeToken.js'

/** Where it is kept who owns a stream, and how far it has come. */
interface OwnedStores {
  readonly store: CheckpointStore
  readonly leases: LeaseStore
}

export const at = (i: number, extra: Partial<Position> = {}): Position => ({
  token: highWaterToken({ t: 100, i }),
  clusterTime: { t: 100, i },
  by: 'own',
  ...extra,
})

export const settled = (position: Position) => ({ position, settled: true, uuid: null })

/** Takes the stream over, also from a live owner. */
export async function fence({ store, leases }: OwnedStores, owner: string): Promise<Fenced> {
  const over = (await leases.load('s'))?.epoch ?? null
  const acquired = await leases.acquire({ name: 's', owner, process: null, ttlMs: 60_000, over })
  if (acquired.kind === 'held') throw new Error('held')
  return (await store.fence('s', acquired.epoch, owner, 'f'))!
}

export async function claimed(stores: OwnedStores, owner = 'me'): Promise<Claim> {
  await stores.store.create('s', at(1), 'f', 'me')
  const { checkpoint } = await fence(stores, owner)
  return { name: 's', epoch: checkpoint.epoch, rev: checkpoint.rev }
}
