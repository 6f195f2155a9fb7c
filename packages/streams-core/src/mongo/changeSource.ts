import type { ChangeStreamOptions, ClientSession, Document } from 'mongodb'
import type { ChangeReader, ChangeSource, ReaderKind } from '../ports.js'
import { insideBackfill } from '../core/backfill.js'
import { asOversize } from '../core/oversize.js'
import type { Stream } from '../stream.js'
import { documentScan, existingDocument } from './documentScan.js'
import { driverReader } from './driverReader.js'
import { compareTokens } from '../core/position.js'
import { refuseFuture } from './futurePosition.js'
import { imageOptions } from './imageOptions.js'
import { refuseHangingOptions } from './hangingOptions.js'
import { oplogWindow } from './oplogWindow.js'
import { fromTimestamp, toTimestamp } from './positionDocument.js'
import { orByTime } from './orByTime.js'
import { ownReader } from './ownReader.js'
import { possibleReader } from './possibleReader.js'
import { ownPosition, resumeToken } from './resumeToken.js'
import { splitStage, splitsLargeEvents } from './splitsLargeEvents.js'
import { type ReadingMode, throughOversize } from './throughOversize.js'
import { requireReplicaSet } from './topology.js'
import { Watchdog } from './watchdog.js'
import { type WatchedNamespace, postBatchToken, watch } from './watchedNamespace.js'

// How long the server holds a getMore open when nothing comes: the longest wait until a caller hears that it has caught up.
const awaitMs = 500
const batchSize = 1000

/** What is put behind a stream's pipeline, and how many changes are asked for at once. */
const modes: Readonly<Record<ReadingMode, { readonly stages: readonly Document[]; readonly batchSize: number }>> = {
  whole: { stages: [], batchSize },
  single: { stages: [], batchSize: 1 },
  bare: { stages: [asOversize], batchSize: 1 },
  split: { stages: [splitStage], batchSize: 1 },
}

export interface Reading {
  /** `own` (default) where the topology allows it; `driver` always the driver's ChangeStream. */
  readonly reader?: 'own' | 'driver'
  /** Where reading is done, if its client is the one that is read from: a take-over kills it. Otherwise each reader has one of its own. */
  readonly session?: () => ClientSession
}

/** Changes of one stream, majority-committed, from the primary. */
export function mongoChangeSource(
  stream: Pick<Stream, 'name' | 'pipeline' | 'fullDocument' | 'fullDocumentBeforeChange'>,
  namespace: WatchedNamespace,
  { reader: wanted = 'own', session }: Reading = {},
): ChangeSource {
  const { client } = namespace
  const images = imageOptions(stream)
  refuseHangingOptions(client, awaitMs)
  const watchdog = new Watchdog(client, awaitMs + 700)
  // defineStream refuses a backfill of anything but a collection.
  const scanning = {
    namespace: { ...namespace, collection: namespace.collection ?? '' },
    pipeline: [...stream.pipeline],
    watchdog,
  }
  let used: ReaderKind | null = null

  function driverStream(mode: ReadingMode, start: ChangeStreamOptions, dropUpTo: string | null): Promise<ChangeReader> {
    const { stages, batchSize } = modes[mode]
    const options: ChangeStreamOptions = {
      ...images,
      batchSize,
      maxAwaitTimeMS: awaitMs,
      // Forced, whatever the URI says: a change stream refuses `local`, and a secondary may be behind the position.
      readConcern: { level: 'majority' },
      readPreference: 'primary',
      ...start,
    }
    return driverReader(watch(namespace, [...stream.pipeline, ...stages], options), dropUpTo, batchSize, watchdog)
  }

  function ownCursor(mode: ReadingMode, start: Document, dropUpTo: string | null): Promise<ChangeReader> {
    const { stages, batchSize } = modes[mode]
    const pipeline = [...stream.pipeline, ...stages]
    const options = { ...images, ...start }
    return ownReader({ namespace, pipeline, options, dropUpTo, batchSize, awaitMs, watchdog, session: session?.() ?? null })
  }

  return {
    get reader() {
      return used
    },

    ready: () => requireReplicaSet(client),

    async anchor(at) {
      const options = { ...images, ...(at !== 'now' && { startAtOperationTime: toTimestamp(at) }) }
      return ownPosition(await postBatchToken(namespace, stream.pipeline, options))
    },

    async open(from): Promise<ChangeReader> {
      const hello = await watchdog.meet()
      refuseFuture(stream.name, from, hello)
      const possible = wanted === 'own' ? possibleReader(hello, client.options.autoEncryption !== undefined) : wanted
      const read = possible === 'own' ? ownCursor : driverStream
      used = possible
      return await throughOversize(from, {
        stream: stream.name,
        splits: () => watchdog.over(splitsLargeEvents(namespace)),
        async open(at, mode, dropUpTo) {
          const time = { startAtOperationTime: toTimestamp(at.clusterTime) }
          if (at.by === 'foreign') return await read(mode, time, dropUpTo)
          const drop = dropUpTo !== null && compareTokens(dropUpTo, at.token) > 0 ? dropUpTo : at.token
          return await orByTime(
            () => read(mode, { startAfter: resumeToken(at) }, dropUpTo),
            () => read(mode, time, drop),
          )
        },
      })
    },

    async scan(from) {
      await watchdog.meet()
      return documentScan(scanning, insideBackfill(from))
    },

    existing: (at) => existingDocument(scanning, insideBackfill(at)),

    oplog: () => watchdog.over(oplogWindow(client)),

    async serverTime() {
      const hello = await client.db('admin').command({ hello: 1 }, { readPreference: 'primary' })
      return fromTimestamp(hello['lastWrite'].opTime.ts)
    },
  }
}
