import type { Document } from 'mongodb'

/** A copy of `document` with the fields of an update's description set and removed; names may be paths (`reserva.email`, `lines.0`). */
export function appliedUpdate(document: Document, updatedFields: Document, removedFields: readonly string[]): Document {
  let after = document
  for (const [path, value] of Object.entries(updatedFields)) after = withField(after, path.split('.'), value, false) as Document
  for (const path of removedFields) after = withField(after, path.split('.'), undefined, true) as Document
  return after
}

function withField(container: unknown, [name, ...rest]: readonly string[], value: unknown, remove: boolean): unknown {
  const inside = typeof container === 'object' && container !== null ? container : {}
  const copy: Document = Array.isArray(inside) ? [...inside] : { ...inside }
  if (rest.length > 0) copy[name!] = withField(copy[name!], rest, value, remove)
  // An array keeps its places: removing one of them leaves null.
  else if (remove && Array.isArray(copy)) copy[Number(name)] = null
  else if (remove) delete copy[name!]
  else copy[name!] = value
  return copy
}
