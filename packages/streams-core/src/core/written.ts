import type { Written } from '../ports.js'

export const nothingWritten: Written = { commands: 0, matched: 0, modified: 0, inserted: 0, upserted: 0, deleted: 0 }

export function sumOf(parts: readonly Written[]): Written {
  const total = { ...nothingWritten }
  for (const part of parts) for (const key of Object.keys(total) as (keyof Written)[]) total[key] += part[key]
  return total
}
