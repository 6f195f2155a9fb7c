import type { Document } from 'mongodb'
import { type Gap, type Position, compareTokens } from '../core/position.js'
import type { Stream } from '../stream.js'
import { StreamError } from '../streamError.js'
import { type Registered, type Registry, type SavedCheckpoint, registry } from './registry.js'
import type { AdminOptions } from './types.js'

/** Which documents are handed over for a gap. */
export interface RepairRequest {
  /** When the gap was found out (`at` of a gap in the status); default: the newest. */
  readonly at?: Date
  /** Which documents: a condition on the document as it is now, e.g. `{ _id: { $gte: a, $lt: b } }` or one on its time of update. */
  readonly where: Document
  /** At most so many documents. */
  readonly limit?: number
  /** At most so many documents a second. */
  readonly rate?: number
}

/** A gap of a stream that can be repaired. */
export interface Repairable {
  readonly places: Registry['places']
  readonly view: Registered['view']
  readonly collection: string
  readonly stream: Stream
  readonly saved: SavedCheckpoint & { readonly position: Position }
  readonly gap: Gap
  /** Behind what was delivered before the gap and before every change after it. */
  readonly origin: Position
  /** The request's condition, as one on the change that inserts a document. */
  readonly condition: Document
}

/**
 * The gap that a request means.
 * @throws {StreamError} EMPTY_SELECTION without such a gap; USAGE while the stream still stands before it, and for a condition that no document has; UNKNOWN_STREAM
 */
export async function repairable(
  options: AdminOptions,
  name: string,
  { at, where, limit, rate }: RepairRequest,
): Promise<Repairable> {
  for (const [option, value] of Object.entries({ limit, rate })) {
    if (value !== undefined && !(value > 0)) throw usage(name, `${option} must be a number above 0; got ${value}`)
  }
  const condition = prefixed(name, where)
  const { places, get } = registry(options)
  const { stream, saved, view } = await get(name)
  const gap = [...(saved?.gaps ?? [])].reverse().find((one) => at === undefined || one.at.getTime() === at.getTime())
  if (stream === null) {
    const why = `stream ${name} is saved but not defined: a repair needs its handler; add it to the config`
    throw new StreamError('UNKNOWN_STREAM', why, { details: { stream: name } })
  }
  const position = saved?.position
  if (!saved || !position || gap === undefined) {
    const why =
      at === undefined
        ? 'no gap is recorded: nothing of it was forgotten by the oplog'
        : `no gap was found out at ${at.toISOString()}; see boletia-streams status ${name}`
    throw new StreamError('EMPTY_SELECTION', `stream ${name}: ${why}`, { details: { stream: name } })
  }
  const { collection } = view.namespace
  if (collection === null) throw usage(name, 'it watches more than one collection, whose documents have no order together')
  const origin = inside(gap)
  if (compareTokens(origin.token, position.token) > 0)
    throw usage(
      name,
      `it still stands before this gap; choose first where it goes on: boletia-streams reset ${name} --to earliest`,
    )
  return { places, view, collection, stream, saved: { ...saved, position }, gap, origin, condition }
}

function inside({ from, to }: Gap): Position {
  const { t, i } = to ?? from
  const hex = (number: number) => number.toString(16).toUpperCase().padStart(8, '0')
  return { token: `82${hex(t)}${hex(i)}`, clusterTime: { t, i }, by: 'foreign' }
}

function prefixed(name: string, where: Document): Document {
  return Object.fromEntries(
    Object.entries(where).map(([path, condition]: [string, unknown]) => {
      if (!path.startsWith('$')) return [`fullDocument.${path}`, condition]
      // Any other one ($expr, $where, $text) speaks of the document's own paths, which here lie deeper.
      if (!['$and', '$or', '$nor'].includes(path) || !Array.isArray(condition))
        throw usage(name, `where: ${path} cannot be used here; there are fields, $and, $or and $nor`)
      return [path, condition.map((branch: Document) => prefixed(name, branch))]
    }),
  )
}

const usage = (name: string, why: string) => new StreamError('USAGE', `stream ${name}: ${why}`, { details: { stream: name } })
