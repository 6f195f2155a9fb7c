/**
 * A copy of a document without the values of the fields of these names, at any depth; other types than documents and arrays stay as they are.
 * Of a path (`cliente.email`) the last name counts.
 */
export function redacted(document: unknown, names: readonly string[]): unknown {
  const fields = new Set(names.map(lastOf))
  return walk(document)

  function walk(value: unknown): unknown {
    if (Array.isArray(value)) return value.map(walk)
    if (!isDocument(value)) return value
    return Object.fromEntries(
      Object.entries(value).map(([name, inner]) => [name, fields.has(lastOf(name)) ? '[redacted]' : walk(inner)]),
    )
  }
}

/** The updated fields of an update have the whole path for a name. */
const lastOf = (path: string) => path.slice(path.lastIndexOf('.') + 1)

function isDocument(value: unknown): value is Record<string, unknown> {
  return (
    typeof value === 'object' &&
    value !== null &&
    [Object.prototype, null].includes(Object.getPrototypeOf(value) as object | null)
  )
}
