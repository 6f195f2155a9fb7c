import { BSON, ObjectId } from 'mongodb'

/** What an operator's text for a document's `_id` may mean: the text itself, an ObjectId, or Extended JSON (a number, a UUID, a sub-document). */
export function documentIds(text: string): unknown[] {
  const meanings: unknown[] = [text]
  if (/^[0-9a-f]{24}$/i.test(text)) meanings.push(new ObjectId(text))
  try {
    meanings.push(BSON.EJSON.parse(text, { relaxed: false }))
  } catch {
    // No JSON: then it is the text.
  }
  return meanings
}

/** The same text for equal values, whatever their type: ordering keys are compared by it. */
export function keyText(key: unknown): string {
  return BSON.EJSON.stringify({ key }, { relaxed: true })
}
