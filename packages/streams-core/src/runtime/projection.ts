import { writeFault } from '../core/writeModel.js'
import type { Stream } from '../stream.js'
import { StreamError } from '../streamError.js'
import type { Guard, Write } from '../write.js'

/**
 * How the writes of a change are committed: with the checkpoint in one transaction, or guarded and before it; a mass update by itself, too,
 * and before anything that comes later.
 */
export type Delivering = 'transaction' | 'guarded' | 'mass'

/** @throws {StreamError} INVALID_STREAM, when `project` returned something that is no write */
export function checkedWrites(stream: Stream, returned: readonly Write[]): readonly Write[] {
  const aliases = Object.keys(stream.targets)
  if (!Array.isArray(returned))
    throw new StreamError(
      'INVALID_STREAM',
      `stream ${stream.name}: project must return an array of writes (it is a plain function, never async)`,
    )
  for (const [index, write] of returned.entries()) {
    const fault = writeFault(write, aliases)
    if (fault !== null)
      throw new StreamError('INVALID_STREAM', `stream ${stream.name}: project returned writes[${index}]: ${fault}`)
  }
  return returned
}

/**
 * A mass update in a transaction never commits while others write the same documents; a target behind another client cannot be in it.
 * Outside a transaction a repeat is possible, so every write there must be safe to repeat.
 * @throws {StreamError} INVALID_STREAM, naming the write that is not
 */
export function delivering(stream: Stream, writes: readonly Write[], besideCheckpoint: boolean): Delivering {
  const mass = writes.some((write) => 'updateMany' in write)
  if (!mass && stream.delivery === 'transaction' && besideCheckpoint) return 'transaction'
  const refused = writes.findIndex(({ guard }) => onlyInTransaction.has(guard?.kind))
  if (refused === -1) return mass ? 'mass' : 'guarded'
  const why = mass
    ? 'a mass update runs outside a transaction'
    : stream.delivery === 'bulk'
      ? 'delivery is bulk'
      : 'its target is behind another client than the checkpoint'
  throw new StreamError(
    'INVALID_STREAM',
    `stream ${stream.name}: writes[${refused}] ${refusal(writes[refused]?.guard?.kind, why)}`,
  )
}

// Outside of one a crash repeats a batch, and so, without any crash, do a refused write (what stands before it is written again) and an outage.
const onlyInTransaction: ReadonlySet<string | undefined> = new Set([undefined, 'oncePerChange', 'last'])

function refusal(kind: Guard['kind'] | undefined, why: string): string {
  if (kind === 'oncePerChange')
    return `is an entry of a ledger (oncePerChange), and ${why}, where a crash could leave the entry without the writes that it stands for; use another guard, or applyOnce in a handle`
  if (kind === 'last')
    return `is guarded with mode: 'last', and ${why}, where several changes may come again, even without a crash: it knows only the last one of a document, and would apply those before it twice; use mode: 'ordered'`
  return `has no guard, and ${why}, where a crash may repeat it; use a guard (@boletia/streams-core/guards), or unguarded(write) if a repeat does no harm`
}

// `unguarded` writes said that repeats are fine, not that they are exact; an entry of a ledger guards only what its transaction holds.
const repeatSafe: ReadonlySet<string | undefined> = new Set([
  'ordered',
  'insertOnce',
  'transition',
  'expectedVersion',
  'upsertProjection',
] satisfies Guard['kind'][])

/** May a batch leave its transaction for the guards? */
export const isRepeatSafe = (writes: readonly Write[]) => writes.every(({ guard }) => repeatSafe.has(guard?.kind))
