import { type Change, type Stream, type StreamOptions, defineStream } from '@boletia/streams-core'
import { apply, guardedInc, upsertProjection } from '@boletia/streams-core/guards'
import { type CopyKind, type Existing, groupOf } from '../harness/existing.js'

const idOf = ({ documentKey }: Change<Existing>) => documentKey?._id as number
/** What a change adds to the number of documents in its group. */
const added: Readonly<Record<string, number>> = { insert: 1, delete: -1 }

/** Copies documents, and counts them in groups. */
export function copying(
  kind: Exclude<CopyKind, 'naive'>,
  onHistoryLost: StreamOptions['onHistoryLost'] = 'fail',
): Stream<Existing> {
  return defineStream<Existing>({
    name: 'copies',
    watch: { collection: 'source' },
    start: 'backfill',
    onHistoryLost,
    targets: { copy: { collection: 'copy' }, groups: { collection: 'groups' } },
    ...works[kind],
  })
}

type Work = Pick<StreamOptions<Existing>, 'project' | 'key'> | Pick<StreamOptions<Existing>, 'handle' | 'key'>

const works: Readonly<Record<Exclude<CopyKind, 'naive'>, Work>> = {
  project: {
    project(change, context) {
      if (change.documentKey === undefined) return []
      const copy = upsertProjection(context, {
        target: 'copy',
        key: { _id: idOf(change) },
        document: change.fullDocument ?? null,
      })
      const by = added[change.operationType]
      if (by === undefined) return [copy]
      return [copy, { target: 'groups', updateOne: { filter: { _id: groupOf(idOf(change)) }, update: { $inc: { count: by } } } }]
    },
  },
  handle: {
    key: (change) => groupOf(idOf(change)),
    async handle(change, context) {
      if (change.documentKey === undefined) return
      const by = added[change.operationType]
      const filter = { _id: groupOf(idOf(change)) }
      if (by !== undefined) await apply(context, guardedInc(context, { target: 'groups', filter, inc: { count: by } }))
      await apply(
        context,
        upsertProjection(context, { target: 'copy', key: { _id: idOf(change) }, document: change.fullDocument ?? null }),
      )
    },
  },
}
