/**
 * The same text for equal ordering keys, whatever their type; null for undefined, which is a barrier: a change whose key is not known may
 * belong to any of them.
 */
export function laneKey(key: unknown, textOf: (key: unknown) => string): string | null {
  // The usual ones first: the general text costs more than all the rest of handing a change over.
  if (typeof key === 'string') return `s${key}`
  // As the general text has it: the server counts 7 and Long(7) as one number.
  if (Number.isSafeInteger(key)) return `e{"key":${key as number}}`
  if (key === undefined) return null
  if (isObjectId(key)) return `o${key.toHexString()}`
  return `e${textOf(key)}`
}

function isObjectId(key: unknown): key is { toHexString(): string } {
  return typeof key === 'object' && key !== null && '_bsontype' in key && key._bsontype === 'ObjectId'
}
