import { withRedact } from '../failurePolicy.js'
import { carrying, isScanning } from '../core/backfill.js'
import { decodeToken } from '../core/decodeToken.js'
import { laneKey } from '../core/laneKey.js'
import { type Position, compareTokens } from '../core/position.js'
import { mongoChangeSource } from '../mongo/changeSource.js'
import { letterId } from '../mongo/deadLetterStore.js'
import { keyText } from '../mongo/documentIds.js'
import { moveCheckpoint } from '../mongo/moveCheckpoint.js'
import { plainDocument } from '../mongo/plainDocument.js'
import { requireReplicaSet } from '../mongo/topology.js'
import type { Delivered, LetterFailure, NewLetter, Observer, SavedError } from '../ports.js'
import { newOwner } from '../newOwner.js'
import { isGone, ownProcess } from '../processMark.js'
import { newLetter } from '../runtime/newLetter.js'
import { announcer } from '../runtime/worker.js'
import type { Stream } from '../stream.js'
import { StreamError } from '../streamError.js'
import { orFault } from './fault.js'
import { findChange } from './findChange.js'
import { liveHolder } from './liveHolder.js'
import { refusedMove, requireRev } from './refusedMove.js'
import { registry } from './registry.js'
import { requireDefined } from './seenChange.js'
import type { AdminOptions, StreamStatus } from './types.js'

/** What parking a change that blocks a stream would do; nothing is written by making one. */
export interface SkipPlan extends Pick<StreamStatus, 'owner' | 'lease'> {
  readonly name: string
  readonly rev: number
  /** The change as it would be put aside, and its id there. */
  readonly letter: NewLetter
  readonly id: string
  /** The changed document's `_id` in relaxed Extended JSON. */
  readonly documentId: unknown
  readonly from: Position
  /** Behind the change; the same as `from` while others before it are unsettled. */
  readonly to: Position
  /** Unsettled changes before it: they are handled first, by the next run. */
  readonly before: number
}

export interface SkipOptions {
  /** Who does it, for the history. */
  readonly by: string
  readonly reason: string | null
  /** Binds an earlier plan: the plan must still be of this `rev`. */
  readonly ifRev?: number
  readonly observer?: Observer
}

/**
 * Looks for a change behind the saved position, as the stream's pipeline lets it out.
 * @throws {StreamError} UNKNOWN_STREAM without a definition; NOTHING_SAVED; TOKEN_UNUSABLE for a token of no unsettled change of the stream;
 * PARK_FAILED for one whose key is not known; HISTORY_LOST
 */
export async function planSkip(options: AdminOptions, name: string, token: string): Promise<SkipPlan> {
  return await orFault(`stream ${name}`, async () => {
    const all = registry(options)
    await requireReplicaSet(all.places.state.client)
    const registered = await all.get(name)
    requireDefined(registered)
    const { saved, view } = registered
    const stream = withRedact(registered.stream as Stream, options.redact)
    if (saved === null || saved.position === null)
      throw new StreamError('NOTHING_SAVED', `stream ${name} has no saved position: no change can block it`, {
        details: { stream: name },
      })
    const wanted = token.toUpperCase()
    const from = saved.position
    // That of a document is longer than a server's.
    if (!isScanning(from)) decodeToken(wanted)
    if (compareTokens(wanted, from.token) <= 0)
      throw notTheBlocker(name, wanted, 'is settled: the saved position is at or behind it')
    const { delivered, before } = await findChange(mongoChangeSource(stream, view.namespace), from, wanted)
    if (delivered === null) throw notTheBlocker(name, wanted, 'is none that the stream gets')
    const key = keyOf(stream, delivered)
    const letter = newLetter(stream, delivered, { key, state: 'parked', failure: failureOf(saved.lastError, wanted) })
    const to = before === 0 ? carrying(delivered.position, from.backfill) : from
    const { documentId } = plainDocument({ documentId: letter.documentId })
    const holder = await liveHolder(all.places.state, name)
    return { name, rev: saved.rev, letter, id: letterId(letter), documentId, from, to, before, ...holder }
  })
}

/**
 * Parks the change of a plan, as a short-lived owner: the dead letter, the position behind it, a raised epoch and the row of the history in one
 * transaction. Later changes of its key are held until it is put back (`redriveLetters`) or discarded.
 * @throws {StreamError} LEASE_HELD while a worker runs, POSITION_MOVED when the position is not the plan's any more
 */
export async function skipChange(
  options: AdminOptions,
  { name, rev, to, letter }: Pick<SkipPlan, 'name' | 'rev' | 'to' | 'letter'>,
  { by, reason, ifRev, observer = {} }: SkipOptions,
): Promise<{ readonly rev: number }> {
  const planned = { name, rev, command: `boletia-streams skip ${name} --change ${letter.position.token}` }
  requireRev(planned, ifRev)
  const outcome = await orFault(`stream ${name}`, () =>
    moveCheckpoint(
      registry(options).places.state,
      {
        name,
        rev,
        to,
        fingerprint: null,
        holder: { owner: newOwner(), process: ownProcess(), isGone },
        row: { action: 'skip', by, reason },
        park: letter,
      },
      announcer(observer, name),
    ),
  )
  if (outcome.kind !== 'moved') throw refusedMove(planned, outcome)
  return { rev: outcome.rev }
}

/** Parked without its key, it would hold back every change of every key. */
function keyOf({ name, key: ofChange }: Stream, { change, position: { token } }: Delivered): string {
  let key: string | null = null
  let cause: unknown
  try {
    key = laneKey(ofChange(change), keyText)
  } catch (error) {
    cause = error
  }
  if (key !== null) return key
  throw new StreamError(
    'PARK_FAILED',
    `stream ${name}: the key of change ${token} is not known, so it cannot be parked; to leave it out for ever: boletia-streams reset ${name} --to token:${token}`,
    { cause, details: { stream: name, token } },
  )
}

/** What is known of why it blocks: the worker kept the error's name when it stopped, and since when which change it was. */
function failureOf(lastError: SavedError | null, token: string): LetterFailure {
  const isItsOwn = lastError?.code === 'HANDLER_FAILED' && (lastError.token ?? token) === token
  const name = isItsOwn ? lastError.name : 'Skipped'
  return { name, code: 'SKIPPED', class: 'poison', message: null, attempts: 0 }
}

function notTheBlocker(name: string, token: string, why: string): StreamError<'TOKEN_UNUSABLE'> {
  return new StreamError(
    'TOKEN_UNUSABLE',
    `stream ${name}: change ${token} ${why}; what comes next: boletia-streams peek ${name} -n 1 --json`,
    { details: { stream: name, token } },
  )
}
