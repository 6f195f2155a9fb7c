import type { Document } from 'mongodb'
import { pathsOverlap } from './guardField.js'
import { refusal } from './refusal.js'
import { type Update, isPipeline, updatePaths } from './updatePaths.js'

/** The update that does what it did and also stores the token in `field`; refused when it touches that field itself. */
export function withToken(guard: string, target: string, update: Update, field: string, token: string): Document | Document[] {
  if (updatePaths(guard, target, update).some((path) => pathsOverlap(path, field)))
    throw refusal(guard, target, `the update writes "${field}", where the guard keeps its token; give another \`field\`.`)
  if (isPipeline(update)) return [...update, { $set: { [field]: token } }]
  return { ...update, $set: { ...(update.$set as Document | undefined), [field]: token } }
}
