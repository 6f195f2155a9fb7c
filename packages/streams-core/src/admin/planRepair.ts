import type { Collection } from 'mongodb'
import { errorNumber } from '../core/errorClass.js'
import type { KeyDocument } from '../core/keyStringValue.js'
import { plainDocument } from '../mongo/plainDocument.js'
import { requireReplicaSet } from '../mongo/topology.js'
import { StreamError } from '../streamError.js'
import { orFault } from './fault.js'
import { type RepairRequest, repairable } from './repairable.js'
import type { AdminOptions, Counted } from './types.js'

const atMost = 100_000
const timeMs = 2000
const mostSamples = 5

/** What a repair would hand over; nothing is by making one. */
export interface RepairPlan extends Counted {
  readonly name: string
  /** The recorded gap; `to` null where the oplog could not be read. */
  readonly gap: { readonly from: Date; readonly to: Date | null; readonly at: Date }
  /** Keys of the first documents, as relaxed Extended JSON. */
  readonly samples: readonly KeyDocument[]
  /** `skip`: the handler declares that it must not be called again (mail), and is not unless `sideEffects`. */
  readonly onReplay: 'run' | 'skip'
}

/**
 * Which documents `repairGap` would hand over: how many match `where` now (given up after 2 s or 100,000; `exact` is false then), before the stream's own
 * pipeline has its say, and the keys of the first.
 * @throws {StreamError} the errors of `repairGap`; USAGE also for a condition that the server refuses
 */
export async function planRepair(options: AdminOptions, name: string, request: RepairRequest): Promise<RepairPlan> {
  return await orFault(`stream ${name}`, async () => {
    const { view, collection, stream, gap } = await repairable(options, name, request)
    const { client, database } = view.namespace
    await requireReplicaSet(client)
    const found = await matching(client.db(database).collection(collection), request, name)
    const dateOf = (time: { readonly t: number }) => new Date(time.t * 1000)
    return {
      name,
      gap: { from: dateOf(gap.from), to: gap.to && dateOf(gap.to), at: gap.at },
      ...found,
      onReplay: stream.onReplay,
    }
  })
}

async function matching(
  collection: Collection,
  { where, limit = Number.POSITIVE_INFINITY }: RepairRequest,
  name: string,
): Promise<Counted & Pick<RepairPlan, 'samples'>> {
  const deadline = performance.now() + timeMs
  const samples: KeyDocument[] = []
  let count = 0
  const options = {
    projection: { _id: 1 },
    sort: { _id: 1 },
    batchSize: 5000,
    maxTimeMS: timeMs,
    readPreference: 'primary',
  } as const
  await using cursor = collection.find(where, options)
  try {
    for await (const { _id } of cursor) {
      if (count === limit) break
      if (count === atMost || performance.now() > deadline) return { count, exact: false, samples }
      count += 1
      if (samples.length < mostSamples) samples.push(plainDocument({ _id }) as KeyDocument)
    }
    return { count, exact: true, samples }
  } catch (error) {
    const number = errorNumber(error)
    if (number === timeIsUp) return { count, exact: false, samples }
    if (number === null || !refused.has(number)) throw error
    throw new StreamError('USAGE', `stream ${name}: the server refuses the condition: ${(error as Error).message}`, {
      details: { stream: name },
    })
  }
}

const timeIsUp = 50
// BadValue, FailedToParse, TypeMismatch: https://github.com/mongodb/mongo/blob/v6.0/src/mongo/base/error_codes.yml
const refused: ReadonlySet<number> = new Set([2, 9, 14])
