import { beginBackfill } from '../core/backfill.js'
import type { Position } from '../core/position.js'
import { mongoChangeSource } from '../mongo/changeSource.js'
import type { ChangeReader, DocumentScan } from '../ports.js'
import type { Redelivered } from '../runtime/redeliver.js'
import { systemClock } from '../systemClock.js'
import { type ReplayOptions, deliverAgain } from './deliverAgain.js'
import { orFault } from './fault.js'
import { type RepairRequest, repairable } from './repairable.js'
import type { AdminOptions } from './types.js'

export interface RepairOptions extends ReplayOptions, RepairRequest {}

/**
 * Hands existing documents to the stream's handler for what the oplog forgot before it was delivered: those that match `where`, as they are now, each as an insert with
 * `context.backfill`. Their tokens lie in the gap, so that an ordered guard takes none of them for newer than a change that came since. The saved
 * position is neither moved nor passed; a failing document is counted, and its key stops there.
 * @throws {StreamError} EMPTY_SELECTION without such a gap; USAGE while the stream still stands before it; UNKNOWN_STREAM, UNREACHABLE
 */
export async function repairGap(options: AdminOptions, name: string, repair: RepairOptions): Promise<Redelivered> {
  return await orFault(`repair of stream ${name}`, async () => {
    const { places, view, stream, saved, origin, condition } = await repairable(options, name, repair)
    const source = mongoChangeSource({ ...stream, pipeline: [{ $match: condition }, ...stream.pipeline] }, view.namespace)
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
