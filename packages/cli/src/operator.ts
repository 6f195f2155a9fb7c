import { hostname, userInfo } from 'node:os'

/** Who types, for the history: `maria@host`. */
export function operator(): string {
  const host = hostname().split('.')[0] ?? 'unknown'
  try {
    return `${userInfo().username}@${host}`
  } catch {
    // A container may run under an id that has no name.
    return `uid ${process.getuid?.() ?? 'unknown'}@${host}`
  }
}
