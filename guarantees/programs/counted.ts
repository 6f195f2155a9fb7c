import { type Stream, defineStream } from '@boletia/streams-core'
import { type GuardContext, apply, guardedInc, unguarded } from '@boletia/streams-core/guards'
import { bucketOf } from '../harness/buckets.js'
import type { Mode, StreamMode } from '../harness/orders.js'

interface Counted {
  readonly _id: number
}

const common = {
  name: 'counted',
  watch: { collection: 'source' },
  pipeline: [{ $match: { operationType: 'insert' } }],
}
const exact = { effects: { collection: 'effects' }, mirror: { collection: 'mirror' } }

/** The update that is not idempotent: what is counted afterwards is how often it was done. */
function counting(id: number) {
  return { filter: { _id: bucketOf(id) }, inc: { [`n.${id}`]: 1 } }
}

function plain(target: string, id: number) {
  const { filter, inc } = counting(id)
  return { target, updateOne: { filter, update: { $inc: inc } } }
}

const guarded = (context: GuardContext, target: string, id: number) => guardedInc(context, { target, ...counting(id) })

const idOf = (change: { readonly documentKey?: { readonly _id: unknown } | undefined }) => change.documentKey?._id as number

/** The stream of each mode: it counts each change in two collections (a handler: in one without a guard and one with). */
export const counted: Readonly<Record<StreamMode, () => Stream<Counted>>> = {
  project: () =>
    defineStream<Counted>({
      ...common,
      targets: exact,
      project: (change) => [plain('effects', idOf(change)), plain('mirror', idOf(change))],
    }),

  guarded: () =>
    defineStream<Counted>({
      ...common,
      delivery: 'bulk',
      key: (change) => bucketOf(idOf(change)),
      targets: exact,
      project: (change, context) => [guarded(context, 'effects', idOf(change)), guarded(context, 'mirror', idOf(change))],
    }),

  unguarded: () =>
    defineStream<Counted>({
      ...common,
      delivery: 'bulk',
      targets: exact,
      project: (change) => [unguarded(plain('effects', idOf(change))), unguarded(plain('mirror', idOf(change)))],
    }),

  handle: () => handling(1),
  lanes: () => handling(8),
}

/** What runs in this mode; nothing for the plain loops of a driver. */
export const streamsOf = (mode: Mode): readonly Stream[] => (mode in counted ? [counted[mode as StreamMode]()] : [])

function handling(concurrency: number): Stream<Counted> {
  return defineStream<Counted>({
    ...common,
    key: (change) => bucketOf(idOf(change)),
    concurrency,
    targets: { effects: { collection: 'effects' }, deliveries: { collection: 'deliveries' } },
    async handle(change, context) {
      await apply(context, unguarded(plain('deliveries', idOf(change))))
      await apply(context, guarded(context, 'effects', idOf(change)))
    },
  })
}
