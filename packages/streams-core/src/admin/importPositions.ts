import { type Position, compareTokens } from '../core/position.js'
import { type Direction, direction } from '../core/positionMove.js'
import { tokenTime, tokenUuid } from '../core/tokenTime.js'
import { hasUuid } from '../mongo/collectionUuid.js'
import { moveCheckpoint } from '../mongo/moveCheckpoint.js'
import { resolvePlaces } from '../mongo/places.js'
import { serverClock } from '../mongo/serverClock.js'
import { newOwner } from '../newOwner.js'
import { isGone, ownProcess } from '../processMark.js'
import { StreamError } from '../streamError.js'
import type { SavedPosition } from './exportPositions.js'
import { orFault } from './fault.js'
import { liveHolder } from './liveHolder.js'
import { count } from './planReset.js'
import { proveOpen } from './proveOpen.js'
import { refusedMove } from './refusedMove.js'
import { type Registered, registry } from './registry.js'
import type { AdminOptions, Counted, StreamStatus } from './types.js'

/** What putting one position back would do. `new`: nothing is saved of the stream. */
export interface ImportPlan extends Pick<StreamStatus, 'owner' | 'lease'> {
  readonly name: string
  readonly rev: number | null
  readonly direction: Direction | 'new'
  readonly from: Position | null
  readonly to: Position
  readonly changes: Counted
  readonly fingerprint: string | null
}

export type Importable = Pick<SavedPosition, 'name' | 'position' | 'fingerprint' | 'uuid'>

/**
 * What putting positions back would do; each is proved by opening it, and the first that cannot be used refuses them all. Nothing is written.
 * @throws {StreamError} UNKNOWN_STREAM; TOKEN_UNUSABLE for a malformed token or one of another collection or cluster; HISTORY_LOST, FUTURE_TIME
 */
export async function planImport(options: AdminOptions, positions: readonly Importable[]): Promise<readonly ImportPlan[]> {
  return await orFault('the saved state', async () => {
    const all = registry(options)
    const plans: ImportPlan[] = []
    for (const wanted of positions) {
      const registered = await all.get(wanted.name)
      const { saved, stream, view } = registered
      const to = wanted.position
      refuseImpossible(wanted.name, to, (await serverClock(view.namespace.client)).now)
      await refuseForeign(registered, wanted)
      await proveOpen(wanted.name, view, to)
      const from = saved?.position ?? saved?.previous ?? null
      plans.push({
        name: wanted.name,
        rev: saved?.rev ?? null,
        direction:
          from === null
            ? 'new'
            : saved?.position === null && compareTokens(from.token, to.token) === 0
              ? 'new'
              : direction(from, to),
        from,
        to,
        changes: from === null ? { count: 0, exact: stream !== null } : await count(registered, from, to),
        fingerprint: wanted.fingerprint,
        ...(await liveHolder(all.places.state, wanted.name)),
      })
    }
    return plans
  })
}

/**
 * Puts one planned position back, as a short-lived owner, like a reset.
 * @throws {StreamError} LEASE_HELD while a worker runs, POSITION_MOVED when the position is not the plan's any more
 */
export async function importPosition(
  options: AdminOptions,
  { name, rev, to, fingerprint }: ImportPlan,
  { by, reason }: { readonly by: string; readonly reason: string | null },
): Promise<{ readonly rev: number }> {
  const outcome = await orFault(`stream ${name}`, () =>
    moveCheckpoint(resolvePlaces(options).state, {
      name,
      rev,
      to,
      fingerprint,
      holder: { owner: newOwner(), process: ownProcess(), isGone },
      row: { action: 'import', by, reason },
    }),
  )
  if (outcome.kind !== 'moved') throw refusedMove({ name, rev, command: 'boletia-streams import <file>' }, outcome)
  return { rev: outcome.rev }
}

function refuseImpossible(name: string, { token, clusterTime }: Position, now: Date): void {
  const { t, i } = tokenTime(token)
  if (t !== clusterTime.t || i !== clusterTime.i) throw unusable(name, 'its token and its time do not belong together')
  // The server's clock has been seen a second behind its own newest write.
  if (t * 1000 > now.getTime() + 1000) {
    throw new StreamError(
      'FUTURE_TIME',
      `stream ${name}: ${new Date(t * 1000).toISOString()} lies in the future (the server has ${now.toISOString()}); it is a position of another cluster`,
      { details: { stream: name } },
    )
  }
}

/** Positions mean nothing on another collection: the server would open them at their time, and skip or repeat changes in silence. */
async function refuseForeign({ name, stream, saved, view }: Registered, { position, uuid }: Importable): Promise<void> {
  const theirs = tokenUuid(position.token) ?? uuid
  if (theirs === null || stream === null || stream.watch.collection === null) return
  if ((await hasUuid(view.namespace, theirs)) ?? (saved?.uuid ?? theirs) === theirs) return
  throw unusable(name, `it was made on another collection (${theirs}): in another cluster, or before it was dropped`)
}

function unusable(name: string, why: string): StreamError<'TOKEN_UNUSABLE'> {
  return new StreamError(
    'TOKEN_UNUSABLE',
    `stream ${name}: this position cannot be used here: ${why}; give a time instead: boletia-streams reset ${name} --to <time>`,
    { details: { stream: name, why: 'Nothing was changed.' } },
  )
}
