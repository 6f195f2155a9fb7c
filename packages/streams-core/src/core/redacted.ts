/**
 * A copy of a document without the values of the fields of these names, at any depth; other types than documents and arrays stay as they are.
 * Of a path among the names (`cliente.email`) the last name counts. An update has paths for keys: one goes when any part of it is named,
 * for `direccion.calle` is a piece of `direccion`, and `telefonos.1` an item of `telefonos`.
 */
export function redacted(document: unknown, names: readonly string[]): unknown {
  const fields = new Set(names.map((path) => path.slice(path.lastIndexOf('.') + 1)))
  return walk(document)

  function walk(value: unknown): unknown {
    if (Array.isArray(value)) return value.map(walk)
    if (!isDocument(value)) return value
    return Object.fromEntries(
      Object.entries(value).map(([path, inner]) => [
        path,
        path.split('.').some((name) => fields.has(name)) ? '[redacted]' : walk(inner),
      ]),
    )
  }
}

function isDocument(value: unknown): value is Record<string, unknown> {
  return (
    typeof value === 'object' &&
    value !== null &&
    [Object.prototype, null].includes(Object.getPrototypeOf(value) as object | null)
  )
}
