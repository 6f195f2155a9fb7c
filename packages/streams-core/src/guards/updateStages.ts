import type { Document } from 'mongodb'
import { refusal } from './refusal.js'
import { type Update, isPipeline, updatePaths } from './updatePaths.js'

/**
 * An update as stages of a pipeline, so that the server can decide inside one write whether it is to be done. `$set`, `$unset` and
 * `$inc` mean the same there on plain paths; `$inc` also takes null for 0.
 * @throws {StreamError} INVALID_OPTIONS for other operators, and for paths with an array's index
 */
export function updateStages(guard: string, target: string, update: Update): readonly Document[] {
  const paths = updatePaths(guard, target, update)
  if (isPipeline(update)) return update
  // A stage takes "0" for the name of a field, and would write it into each element of the array.
  const indexed = paths.find((path) => path.split('.').some((part) => /^\d+$/.test(part) || part.startsWith('$')))
  if (indexed !== undefined)
    throw refusal(guard, target, `"${indexed}" has an array's index; give the whole array, the \`document\`, or a pipeline.`)
  return Object.entries(update).map(([operator, operands]) => {
    const fields = Object.entries(operands as Document)
    switch (operator) {
      case '$set':
        return { $set: Object.fromEntries(fields.map(([path, value]) => [path, { $literal: value as unknown }])) }
      case '$inc':
        return { $set: Object.fromEntries(fields.map(([path, by]) => [path, { $add: [{ $ifNull: [`$${path}`, 0] }, by] }])) }
      case '$unset':
        return { $unset: fields.map(([path]) => path) }
      default:
        throw refusal(guard, target, `${operator} cannot be used here: $set, $inc and $unset can, or a pipeline.`)
    }
  })
}
