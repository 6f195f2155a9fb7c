import type { Document } from 'mongodb'
import { beginBackfill } from '../core/backfill.js'
import { type Gap, type Position, compareTokens } from '../core/position.js'
import { mongoChangeSource } from '../mongo/changeSource.js'
import type { ChangeReader, DocumentScan } from '../ports.js'
import type { Redelivered } from '../runtime/redeliver.js'
import { StreamError } from '../streamError.js'
import { systemClock } from '../systemClock.js'
import { type ReplayOptions, deliverAgain } from './deliverAgain.js'
import { orFault } from './fault.js'
import { registry } from './registry.js'
import type { AdminOptions } from './types.js'

export interface RepairOptions extends ReplayOptions {
  /** When the gap was found out (`at` of a gap in the status); default: the newest. */
  readonly at?: Date
  /** Which documents: a condition on the document as it is now, e.g. `{ _id: { $gte: a, $lt: b } }` or one on its time of update. */
  readonly where: Document
  /** At most so many documents. */
  readonly limit?: number
  /** At most so many documents a second. */
  readonly rate?: number
}

/**
 * Hands existing documents to the stream's handler for what the oplog forgot before it was delivered: those that match `where`, as they are now, each as an insert with
 * `context.backfill`. Their tokens lie in the gap, so that an ordered guard takes none of them for newer than a change that came since. The saved
 * position is neither moved nor passed; a failing document is counted, and its key stops there.
 * @throws {StreamError} NOTHING_SAVED without such a gap; USAGE while the stream still stands before it; UNKNOWN_STREAM, UNREACHABLE
 */
export async function repairGap(options: AdminOptions, name: string, repair: RepairOptions): Promise<Redelivered> {
  return await orFault(`repair of stream ${name}`, async () => {
    const { places, get } = registry(options)
    const { stream, saved, view } = await get(name)
    const gap = [...(saved?.gaps ?? [])]
      .reverse()
      .find(({ at }) => repair.at === undefined || at.getTime() === repair.at.getTime())
    if (stream === null || saved?.position == null || gap === undefined) {
      throw new StreamError('NOTHING_SAVED', `stream ${name}: no such gap is recorded; see boletia-streams status ${name}`, {
        details: { stream: name },
      })
    }
    const origin = inside(gap)
    if (compareTokens(origin.token, saved.position.token) > 0) {
      throw new StreamError(
        'USAGE',
        `stream ${name} still stands before this gap: choose first where it goes on: boletia-streams reset ${name} --to earliest`,
        { details: { stream: name } },
      )
    }
    const source = mongoChangeSource(
      { ...stream, pipeline: [{ $match: prefixed(repair.where) }, ...stream.pipeline] },
      view.namespace,
    )
    const begun = beginBackfill(origin, 'again', new Date(systemClock.now()))
    return await deliverAgain(
      {
        places,
        stream,
        saved,
        from: origin,
        until: `${origin.token}FF`,
        endTime: { t: Number.POSITIVE_INFINITY, i: 0 },
        open: async () => asReader(await source.scan(begun)),
        limit: repair.limit,
        rate: repair.rate,
        mark: 'repair',
      },
      repair,
    )
  })
}

/** Behind what was delivered before the gap and before every change after it. */
function inside({ from, to }: Gap): Position {
  const { t, i } = to ?? from
  const hex = (number: number) => number.toString(16).toUpperCase().padStart(8, '0')
  return { token: `82${hex(t)}${hex(i)}`, clusterTime: { t, i }, by: 'foreign' }
}

/** A condition on a document as one on the change that inserts it. */
function prefixed(where: Document): Document {
  return Object.fromEntries(
    Object.entries(where).map(([path, condition]) =>
      path.startsWith('$')
        ? [path, (condition as readonly Document[]).map((branch) => prefixed(branch))]
        : [`fullDocument.${path}`, condition as unknown],
    ),
  )
}

function asReader(scan: DocumentScan): ChangeReader {
  let reached: Position | null = null
  let done = false
  return {
    get reached() {
      return reached
    },
    async next(signal) {
      if (done) return { kind: 'quiet' }
      const scanned = await scan.next(signal)
      ;({ done } = scanned)
      reached = scanned.position
      return scanned.documents.length > 0 ? { kind: 'changes', changes: scanned.documents } : { kind: 'quiet' }
    },
    [Symbol.asyncDispose]: () => scan[Symbol.asyncDispose](),
  }
}
