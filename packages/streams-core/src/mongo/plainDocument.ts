import { BSON, type Document } from 'mongodb'

/** A document as relaxed Extended JSON: plain values that JSON can say, types that it cannot written out. */
export function plainDocument(document: Document): Readonly<Record<string, unknown>> {
  return BSON.EJSON.serialize(document, { relaxed: true })
}
