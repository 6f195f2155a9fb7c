import type { Stream } from '../stream.js'

export type Images = Pick<Stream, 'fullDocument' | 'fullDocumentBeforeChange'>

/** Of the `$changeStream` stage: which images a stream wants. Pre-images that nobody wants are not named: positions without them stay what they were. */
export function imageOptions({ fullDocument, fullDocumentBeforeChange }: Images) {
  return { fullDocument, ...(fullDocumentBeforeChange !== 'off' && { fullDocumentBeforeChange }) }
}
