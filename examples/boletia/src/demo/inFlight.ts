import type { Db, Timestamp } from 'mongodb'
import type { SavedStream } from './checkpoint.js'

/** The streams that the demo kills, with what each has to act on. */
export const killable = {
  streamInventario: {
    collection: 'inventario',
    match: { operationType: 'update', 'updateDescription.updatedFields.reserva': { $exists: true } },
  },
  streamReserva: {
    collection: 'reservas',
    match: { operationType: 'update', 'updateDescription.updatedFields.estado': 'X' },
  },
} as const
export type Killable = keyof typeof killable

/** The newest change that a stream could have been given by now. */
export async function majorityTime(db: Db): Promise<Timestamp> {
  const hello = await db.admin().command({ hello: 1 })
  return (hello['lastWrite'] as { majorityOpTime: { ts: Timestamp } }).majorityOpTime.ts
}

/**
 * How many changes up to `time` the saved position of a dead stream leaves to do. They are counted on a cursor of the bare
 * driver: what the library thinks of itself is no evidence.
 */
export async function changesLeft(db: Db, name: Killable, saved: SavedStream, time: Timestamp): Promise<number> {
  const { collection, match } = killable[name]
  // By time and not by token: the token is of another pipeline, and may be refused here.
  await using cursor = db.collection(collection).watch([{ $match: match }], {
    startAtOperationTime: saved.clusterTime,
    maxAwaitTimeMS: 100,
  })
  const end = hexOf(time)
  let left = 0
  for (;;) {
    const change = await cursor.tryNext()
    // Nothing came within the wait; whether anything up to `time` is still to come, the cursor's own token says.
    if (change === null && dataOf(cursor.resumeToken).slice(2, 18) < end) continue
    if (change === null || change.clusterTime === undefined || change.clusterTime.greaterThan(time)) return left
    if (dataOf(change._id) > saved.token) left += 1
  }
}

const dataOf = (token: unknown) => (token as { readonly _data: string })._data

/** A time as it stands behind the first byte of each resume token. */
const hexOf = ({ t, i }: Timestamp) => [t, i].map((part) => part.toString(16).toUpperCase().padStart(8, '0')).join('')
