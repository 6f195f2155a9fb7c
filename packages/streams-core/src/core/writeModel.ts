import type { Write, WriteModel } from '../write.js'
import { undefinedPaths } from './undefinedPaths.js'

const models = ['insertOne', 'updateOne', 'updateMany', 'replaceOne', 'deleteOne'] as const

/** The driver's model inside a write, without target and guard. */
export function modelOf(write: Write): WriteModel {
  const { target: _target, guard: _guard, ...model } = write
  return model
}

/** What is wrong with what `project` returned, as a sentence; null when it is fine. */
export function writeFault(write: unknown, aliases: readonly string[]): string | null {
  if (typeof write !== 'object' || write === null) return `a write must be an object; got ${String(write)}`
  const given = write as Record<string, unknown>
  const found = models.filter((model) => given[model] !== undefined)
  if (found.length !== 1)
    return `a write must have exactly one of ${models.join(', ')}; got ${found.join(', ') || Object.keys(given).join(', ') || 'nothing'}`
  if (!aliases.includes(given['target'] as string))
    return `a write names the target ${String(given['target'])}, which is not in targets (${aliases.join(', ') || 'none'})`
  const [path] = undefinedPaths(given[found[0]!], found[0]!)
  return path === undefined
    ? null
    : `${path} is undefined: the server would see null, or with ignoreUndefined everything would match`
}
