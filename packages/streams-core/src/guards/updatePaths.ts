import type { Document } from 'mongodb'
import { refusal } from './refusal.js'

export type Update = Document | readonly Document[]

export function isPipeline(update: Update): update is readonly Document[] {
  return Array.isArray(update)
}

/**
 * Every path that an update writes.
 * @throws {StreamError} INVALID_OPTIONS for a replacement, or a pipeline with stages other than `$set`, `$addFields` and `$unset`
 */
export function updatePaths(guard: string, target: string, update: Update): string[] {
  if (isPipeline(update)) return update.flatMap((stage) => pathsOfStage(guard, target, stage))
  return Object.entries(update).flatMap(([operator, operands]) => {
    if (!operator.startsWith('$'))
      throw refusal(guard, target, `"${operator}" is not an update operator; put the fields under $set.`)
    const paths = Object.keys(operands as object)
    // $rename writes both the old and the new name.
    return operator === '$rename' ? [...paths, ...Object.values(operands as Record<string, string>)] : paths
  })
}

function pathsOfStage(guard: string, target: string, stage: Document): string[] {
  const [operator, ...others] = Object.keys(stage)
  if (others.length > 0 || (operator !== '$set' && operator !== '$addFields' && operator !== '$unset')) {
    // The other stages replace the document and would drop the tokens of other streams' guards with it.
    throw refusal(guard, target, `a pipeline may hold $set, $addFields and $unset only, got ${Object.keys(stage).join(', ')}.`)
  }
  const operand: unknown = stage[operator]
  if (operator === '$unset') return Array.isArray(operand) ? operand.map(String) : [String(operand)]
  return Object.keys(operand as object)
}
