import { createHash } from 'node:crypto'
import { BSON } from 'mongodb'
import type { Stream } from '../stream.js'
import { imageOptions } from './imageOptions.js'
import type { WatchedNamespace } from './watchedNamespace.js'

/** What a saved position belongs to: namespace, pipeline and the options that decide which changes come; 16 hex digits. */
export function fingerprint(
  stream: Pick<Stream, 'pipeline' | 'fullDocument' | 'fullDocumentBeforeChange'>,
  namespace: WatchedNamespace,
): string {
  const { database, collection } = namespace
  // Extended JSON keeps dates, ObjectIds and regular expressions apart, which plain JSON would blur.
  const text = BSON.EJSON.stringify(
    { database, collection, pipeline: stream.pipeline, ...imageOptions(stream) },
    { relaxed: false },
  )
  return createHash('sha256').update(text).digest('hex').slice(0, 16)
}
