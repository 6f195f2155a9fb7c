import type { MongoClient } from 'mongodb'
import type { ClusterTime } from '../core/position.js'
import { isScanning } from '../core/backfill.js'
import { type Oplog, headroomMs } from '../core/headroom.js'
import { pauseAt } from '../core/pause.js'
import { streamState } from '../core/streamState.js'
import { mongoDeadLetterStore } from '../mongo/deadLetterStore.js'
import { mongoLeaseStore } from '../mongo/leaseStore.js'
import { oplogWindow } from '../mongo/oplogWindow.js'
import { serverClock } from '../mongo/serverClock.js'
import { requireReplicaSet } from '../mongo/topology.js'
import { orFault } from './fault.js'
import { lag } from './lag.js'
import { lifeOf } from './liveHolder.js'
import { type Registered, type Registry, registry } from './registry.js'
import type { AdminOptions, StreamStatus } from './types.js'

/** Every name of the definitions and of the saved state, sorted: what a glob or a "did you mean" chooses from. */
export async function streamNames(options: AdminOptions): Promise<readonly string[]> {
  return await orFault('the saved state', () => registry(options).names())
}

/**
 * The status of every stream, sorted by name, or of those of `filter.names` that exist. Writes nothing.
 * @throws {StreamError} UNREACHABLE, UNAUTHORISED, NOT_A_REPLICA_SET, STATE_TOO_NEW
 */
export async function listStreams(
  options: AdminOptions,
  filter: { readonly names?: readonly string[] } = {},
): Promise<readonly StreamStatus[]> {
  return await orFault('the saved state', async () => {
    const all = registry(options)
    await requireReplicaSet(all.places.state.client)
    const names = (await all.names()).filter((name) => filter.names?.includes(name) ?? true)
    const oplogs = oncePerClient(oplogWindow)
    return await Promise.all(names.map(async (name) => await statusOf(all, await all.get(name), oplogs)))
  })
}

/**
 * One stream. Writes nothing.
 * @throws {StreamError} UNKNOWN_STREAM, and those of `listStreams`
 */
export async function streamStatus(options: AdminOptions, name: string): Promise<StreamStatus> {
  return await statusWhen(options, name)
}

/** The same where another time makes a stream stuck: a test need not wait for two minutes. */
export async function statusWhen(options: AdminOptions, name: string, stuckAfterMs?: number): Promise<StreamStatus> {
  return await orFault(`stream ${name}`, async () => {
    const all = registry(options)
    await requireReplicaSet(all.places.state.client)
    return await statusOf(all, await all.get(name), oncePerClient(oplogWindow), stuckAfterMs)
  })
}

async function statusOf(
  all: Registry,
  { name, stream, saved, view, fingerprint }: Registered,
  oplogOf: (client: MongoClient) => Promise<Oplog | null>,
  stuckAfterMs?: number,
): Promise<StreamStatus> {
  const position = saved?.position ?? null
  const backfill = position?.backfill ?? null
  const [{ now }, lease, { lagMs, lost }, oplog, letters] = await Promise.all([
    serverClock(all.places.state.client),
    mongoLeaseStore(all.places.state, null).load(name),
    position === null || stream === null || isScanning(position) ? { lagMs: null, lost: false } : lag(view, position),
    // Where the watched cluster does not answer, the rest of the status is still true.
    position === null ? null : oplogOf(view.namespace.client).catch(() => null),
    mongoDeadLetterStore(all.places.state).summary(name),
  ])
  const pause = pauseAt(saved, now)
  const remainingMs = lease?.remainingMs ?? null
  const state = streamState(
    {
      known: stream !== null,
      saved: position !== null,
      paused: pause !== null,
      failed: saved?.lastError != null,
      lease: lifeOf(lease),
      full: lease?.full ?? false,
      movedAt: saved?.movedAt ?? null,
      now,
      lagMs,
    },
    stuckAfterMs,
  )
  // Who started after another had seen the pause has not seen it yet.
  const isOfOwner = remainingMs === null || saved?.pauseSeen?.by === lease?.owner
  const savedHash = saved?.fingerprint ?? null
  return {
    name,
    state,
    position: position && { clusterTime: new Date(position.clusterTime.t * 1000), token: position.token },
    lagMs,
    stuckMs: stuckMs(lagMs, saved?.movedAt ?? null, now),
    headroomMs: lost ? 0 : position && oplog && headroomMs(position.clusterTime, oplog),
    parked: letters.parked,
    held: letters.held,
    parkedSince: letters.oldest,
    owner: lease?.owner ?? null,
    lease:
      lease === null || remainingMs === null ? null : { epoch: lease.epoch, expiresAt: new Date(now.getTime() + remainingMs) },
    rev: saved?.rev ?? 0,
    paused: pause?.reason ?? null,
    pausedUntil: pause?.until ?? null,
    pauseSeenAt: pause !== null && isOfOwner ? (saved?.pauseSeen?.at ?? null) : null,
    lastError: saved?.lastError ?? null,
    restarts: saved?.restarts ?? 0,
    fingerprint: { hash: fingerprint, savedHash, drift: fingerprint !== null && savedHash !== null && fingerprint !== savedHash },
    reader: lease?.reader ?? 'own',
    batches: lease?.batches ?? null,
    backfill: backfill && { state: backfill.state, scanned: backfill.scanned, startedAt: backfill.startedAt },
    gaps: (saved?.gaps ?? []).map(({ from, to, at }) => ({ from: date(from), to: to && date(to), at })),
  }
}

function stuckMs(lagMs: number | null, movedAt: Date | null, now: Date): number | null {
  if (lagMs === 0) return 0
  // Younger than its position: a change that came just now has not been waiting since the last one.
  return lagMs === null || movedAt === null ? null : Math.max(0, Math.min(lagMs, now.getTime() - movedAt.getTime()))
}

const date = ({ t }: ClusterTime) => new Date(t * 1000)

/** Several streams mostly share a cluster: its oplog is asked about once. */
function oncePerClient<T>(ask: (client: MongoClient) => Promise<T>): (client: MongoClient) => Promise<T> {
  const answers = new Map<MongoClient, Promise<T>>()
  return (client) => {
    const known = answers.get(client) ?? ask(client)
    answers.set(client, known)
    return known
  }
}
