import type { Collection } from 'mongodb'
import type { Position } from '../core/position.js'
import { tokenTime } from '../core/tokenTime.js'
import type { Checkpoint } from '../ports.js'
import { StreamError } from '../streamError.js'

/** A document of the older Go service, in the same collection: `{_id: ObjectId, stream: name, token}`. */
interface OlderDocument {
  readonly stream: string
  readonly token: string | { readonly _data: string }
}

/** The position that the older service left for a stream; foreign, because another pipeline may have made it. */
export async function findOlderPosition(collection: Collection, name: string): Promise<Position | null> {
  const document = await collection.findOne<OlderDocument>({ stream: name, _id: { $ne: name as never } })
  if (document === null) return null
  const token = typeof document.token === 'string' ? document.token : document.token?._data
  return token === undefined ? null : { token, clusterTime: tokenTime(token), by: 'foreign' }
}

/**
 * Refuses to run beside the older service: both would handle each change.
 * @throws {StreamError} OLDER_SERVICE_RUNNING when its token has moved since it was adopted
 */
export function refuseLiveOlderService(checkpoint: Checkpoint, older: Position | null): void {
  if (checkpoint.adopted === null || older === null || older.token === checkpoint.adopted.token) return
  throw new StreamError(
    'OLDER_SERVICE_RUNNING',
    `stream ${checkpoint.name}: the older service still moves its own position ({stream: "${checkpoint.name}"}); stop it before this one runs`,
    { details: { stream: checkpoint.name, adoptedAt: checkpoint.adopted.at } },
  )
}
