import { refusal } from './refusal.js'

/** The field that holds the guard's token: the caller's, or `tokens.<stream>`, so that several streams can guard one document. */
export function guardField(guard: string, target: string, stream: string, field: string | undefined): string {
  const path = field ?? `tokens.${stream}`
  const plain = plainPath(path)
  if (field !== undefined && plain) return field
  // A dot in the stream's name would nest: the tokens of the streams "a" and "a.b" would overwrite each other.
  if (field === undefined && plain && !stream.includes('.')) return path
  throw refusal(guard, target, `"${path}" cannot be the guard's field; give a plain path as \`field\`.`)
}

export function plainPath(path: string): boolean {
  return path.split('.').every((part) => part !== '' && !part.startsWith('$'))
}

/** True when writing one of the paths changes the other: they are equal, or one holds the other. */
export function pathsOverlap(a: string, b: string): boolean {
  return a === b || a.startsWith(`${b}.`) || b.startsWith(`${a}.`)
}
