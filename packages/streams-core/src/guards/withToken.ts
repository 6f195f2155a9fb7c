import type { Document } from 'mongodb'
import { pathsOverlap } from './guardField.js'
import { refusal } from './refusal.js'

/** The update that does what it did and also stores the token in `field`; refused when it touches that field itself. */
export function withToken(
  guard: string,
  target: string,
  update: Document | readonly Document[],
  field: string,
  token: string,
): Document | Document[] {
  const writesField = (path: string) => pathsOverlap(path, field)
  const refuseField = () =>
    refusal(guard, target, `the update writes "${field}", where the guard keeps its token; give another \`field\`.`)

  if (isPipeline(update)) {
    for (const stage of update) if (pathsOfStage(guard, target, stage).some(writesField)) throw refuseField()
    return [...update, { $set: { [field]: token } }]
  }
  for (const [operator, operands] of Object.entries(update)) {
    if (!operator.startsWith('$'))
      throw refusal(guard, target, `"${operator}" is not an update operator; put the fields under $set.`)
    const paths = Object.keys(operands as object)
    // $rename writes both the old and the new name.
    if (operator === '$rename') paths.push(...Object.values(operands as Record<string, string>))
    if (paths.some(writesField)) throw refuseField()
  }
  return { ...update, $set: { ...(update.$set as Document | undefined), [field]: token } }
}

function isPipeline(update: Document | readonly Document[]): update is readonly Document[] {
  return Array.isArray(update)
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
