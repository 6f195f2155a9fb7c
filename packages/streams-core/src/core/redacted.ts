/** A copy of a document without the values of the fields of these names, at any depth; other types than documents and arrays stay as they are. */
export function redacted(value: unknown, names: ReadonlySet<string>): unknown {
  if (Array.isArray(value)) return value.map((item) => redacted(item, names))
  if (!isDocument(value)) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [name, names.has(lastOf(name)) ? '[redacted]' : redacted(inner, names)]),
  )
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
