import type { ChangeStreamOptions } from 'mongodb'
import type { ChangeReader, ChangeSource } from '../ports.js'
import type { Stream } from '../stream.js'
import { driverReader } from './driverReader.js'
import { refuseHangingOptions } from './hangingOptions.js'
import { oplogWindow } from './oplogWindow.js'
import { fromTimestamp, toTimestamp } from './positionDocument.js'
import { orByTime } from './orByTime.js'
import { ownPosition, resumeToken } from './resumeToken.js'
import { requireReplicaSet } from './topology.js'
import { Watchdog } from './watchdog.js'
import { type WatchedNamespace, postBatchToken, watch } from './watchedNamespace.js'

// How long the server holds a getMore open when nothing comes: the longest wait until a caller hears that it has caught up.
const maxAwaitTimeMS = 500

/** Changes of one stream through the driver's ChangeStream, majority-committed, from the primary. */
export function mongoChangeSource(
  stream: Pick<Stream, 'name' | 'pipeline' | 'fullDocument'>,
  namespace: WatchedNamespace,
): ChangeSource {
  refuseHangingOptions(namespace.client, maxAwaitTimeMS)
  const pipeline = [...stream.pipeline]
  const watchdog = new Watchdog(namespace.client, maxAwaitTimeMS + 700)
  const common: ChangeStreamOptions = {
    fullDocument: stream.fullDocument,
    batchSize: 1000,
    maxAwaitTimeMS,
    // Forced, whatever the URI says: a change stream refuses `local`, and a secondary may be behind the position.
    readConcern: { level: 'majority' },
    readPreference: 'primary',
  }

  return {
    ready: () => requireReplicaSet(namespace.client),

    async anchor(at) {
      const options = { fullDocument: stream.fullDocument, ...(at !== 'now' && { startAtOperationTime: toTimestamp(at) }) }
      return ownPosition(await postBatchToken(namespace, pipeline, options))
    },

    async open(from): Promise<ChangeReader> {
      await watchdog.meet()
      const read = (start: ChangeStreamOptions, dropUpTo: string | null) =>
        driverReader(watch(namespace, pipeline, { ...common, ...start }), dropUpTo, watchdog)
      const byTime = () => read({ startAtOperationTime: toTimestamp(from.clusterTime) }, from.token)
      if (from.by === 'foreign') return await byTime()
      return await orByTime(() => read({ startAfter: resumeToken(from) }, null), byTime)
    },

    oplog: () => watchdog.over(oplogWindow(namespace.client)),

    async serverTime() {
      const hello = await namespace.client.db('admin').command({ hello: 1 }, { readPreference: 'primary' })
      return fromTimestamp(hello['lastWrite'].opTime.ts)
    },
  }
}
