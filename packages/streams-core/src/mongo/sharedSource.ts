import { BSON } from 'mongodb'
import { clientMatch } from '../core/clientMatch.js'
import type { ChangeSource, ReaderKind } from '../ports.js'
import type { Stream } from '../stream.js'
import { mongoChangeSource } from './changeSource.js'
import { sharedReader } from './sharedReader.js'
import type { SharedReaders } from './sharedReaders.js'
import type { WatchedNamespace } from './watchedNamespace.js'

/** A source whose readers share cursors with the other streams of `readers` where that changes nothing; `own` is what it reads alone. */
export function sharedSource(
  { pipeline, fullDocument, fullDocumentBeforeChange }: Pick<Stream, 'pipeline' | 'fullDocument' | 'fullDocumentBeforeChange'>,
  namespace: WatchedNamespace,
  own: ChangeSource,
  readers: SharedReaders,
): ChangeSource & Disposable {
  const match = clientMatch(pipeline)
  const images = { fullDocument, fullDocumentBeforeChange }
  const group = readers.group(namespace, images)
  const left = match === null ? () => undefined : group.enter()
  const key = BSON.EJSON.stringify(pipeline)
  const common = mongoChangeSource({ name: 'shared', pipeline: [], ...images }, namespace)
  let shared = false

  return {
    ready: () => own.ready(),
    anchor: (at) => own.anchor(at),
    serverTime: () => own.serverTime(),
    oplog: () => own.oplog(),
    scan: (from) => own.scan(from),
    existing: (at) => own.existing(at),
    get reader(): ReaderKind | null {
      return shared ? 'shared' : own.reader
    },

    async open(from) {
      if (match === null || !group.worthwhile) return await own.open(from)
      return await sharedReader(
        {
          group,
          key,
          match,
          async openShared(first) {
            const reader = await common.open(first)
            if (common.reader === 'own') return reader
            await reader[Symbol.asyncDispose]()
            return null
          },
          openAlone: (at) => own.open(at),
          onMove: (to) => void (shared = to === 'shared'),
        },
        from,
      )
    },

    [Symbol.dispose]: left,
  }
}
