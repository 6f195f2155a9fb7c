/**
 * Where a filter, update or document holds something that BSON would turn into null or leave out: `undefined`, a function, a symbol.
 * Returns paths such as `filter.evento` or `update.$set.reserva.email`, never values.
 * Protocol rule 20: `{evento: undefined, estado: 'A'}` once cancelled the reservations of every event.
 */
export function undefinedPaths(value: unknown, path: string): string[] {
  if (value === undefined || typeof value === 'function' || typeof value === 'symbol') return [path]
  if (typeof value !== 'object' || value === null) return []
  if (Array.isArray(value)) return value.flatMap((element, index) => undefinedPaths(element, `${path}.${index}`))
  if (value instanceof Map) return [...value].flatMap(([key, member]) => undefinedPaths(member, `${path}.${String(key)}`))
  // ObjectId, Long, Binary …, dates and bytes are values, not documents.
  if ('_bsontype' in value || value instanceof Date || value instanceof RegExp || ArrayBuffer.isView(value)) return []
  return Object.entries(value).flatMap(([key, member]) => undefinedPaths(member, `${path}.${key}`))
}
