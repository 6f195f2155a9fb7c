import { leaseToTakeOver } from '../core/leaseTransitions.js'
import type { Lease, ProcessMark } from '../ports.js'
import { StreamError } from '../streamError.js'
import { throughSilence } from './throughSilence.js'
import type { Worker } from './worker.js'

// How long a standby waits at the most before it looks whether the lease was released early.
const lookMs = 1000

/** An acquired lease; `sentAt` is the clock's time before the server was asked for it. */
export interface Owned {
  readonly epoch: number
  readonly sentAt: number
}

/**
 * Acquires the lease. A lease whose process is known to be gone is taken at once: a supervisor's restart need not
 * wait for its own predecessor. Any other live lease is waited for (standby), taken (takeOver), or refused.
 * @throws {StreamError} LEASE_HELD; the signal's reason on abort
 */
export async function acquire(worker: Worker): Promise<Owned> {
  const { stream, leases, owner, process, isGone, ttlMs, standby, takeOver, clock, signal, log, passing } = worker
  const request = { name: stream.name, owner, process, ttlMs }
  for (let over: number | null = null; ;) {
    signal.throwIfAborted()
    let asked = 0
    const sentAt = clock.now()
    const result = await throughSilence(worker, () => {
      asked += 1
      return leases.acquire({ ...request, over })
    })
    if (result.kind === 'acquired') {
      passing('lease.acquired')
      return { epoch: result.epoch, sentAt }
    }
    const { lease } = result
    // Ours, when an earlier answer did not come. Two workers may have the same text: a standby would steal the other one's live lease.
    const ours = asked > 1 && lease.owner === owner && isSame(lease.process, process)
    const gone = ours || (lease.process !== null && isGone(lease.process))
    // Once only: who took it meanwhile is another owner, and is waited for or respected like any other.
    over = over === null || ours ? leaseToTakeOver(lease, { gone, told: takeOver }) : null
    if (over !== null) {
      log.warn({ from: lease.owner, gone }, 'taking the stream over')
      continue
    }
    if (!standby) throw held(stream.name, lease)
    await clock.sleep(Math.min(lookMs, Math.max(lease.remainingMs ?? 0, 10)), signal)
  }
}

function isSame(one: ProcessMark | null, other: ProcessMark | null): boolean {
  return one?.place === other?.place && one?.pid === other?.pid && one?.startedAt === other?.startedAt
}

/** The refusal that names who holds a stream and what to do about it. */
export function held(stream: string, { owner, remainingMs, epoch }: Lease): StreamError {
  return new StreamError(
    'LEASE_HELD',
    `stream ${stream}: ${owner ?? 'another worker'} holds it (epoch ${epoch}, for ${Math.max(0, remainingMs ?? 0)} ms unless renewed); stop that worker, or wait for it with run ${stream} --standby`,
    { details: { stream, owner, epoch, remainingMs } },
  )
}
