import type { Document } from 'mongodb'
import { usage } from './usage.js'

/** A document in Extended JSON, relaxed or canonical. @throws {StreamError} USAGE for anything else */
export async function parseDocument(text: string, option: string): Promise<Document> {
  const { BSON } = await import('mongodb')
  const wrong = (why: string) =>
    usage(`${option}: ${why}`, `Write for example ${option} '{"updatedAt":{"$gte":{"$date":"2026-11-21T00:00:00Z"}}}'.`)
  let value: unknown
  try {
    value = BSON.EJSON.parse(text)
  } catch {
    throw wrong('this is no JSON')
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw wrong('this is no document')
  return value
}
