import type { Document } from 'mongodb'

/** Why a pipeline lets no existing document through, which is handed over as an insert; null when it may. What only the server can tell is not looked at. */
export function backfillFault(pipeline: readonly Document[]): string | null {
  for (const [index, stage] of pipeline.entries()) {
    // Behind a stage that makes other fields, a condition may mean something else.
    if (!('$match' in stage)) return null
    const why = refused(stage['$match'] as Document)
    if (why !== null) return `pipeline[${index}] ${why}; an existing document is handed over as an insert`
  }
  return null
}

function refused(match: Document): string | null {
  for (const [path, condition] of Object.entries(match)) {
    if (path === '$and') {
      const why = (condition as readonly Document[]).map(refused).find((found) => found !== null)
      if (why !== undefined) return why
    }
    if (path === 'operationType' && !admitsInsert(condition)) return 'lets no insert through'
    if (/^updateDescription(\.|$)/.test(path) && asksForSomething(condition)) return `asks for ${path}, which only an update has`
  }
  return null
}

function admitsInsert(condition: unknown): boolean {
  if (typeof condition === 'string') return condition === 'insert'
  if (typeof condition !== 'object' || condition === null) return true
  const { $eq, $in, $ne, $nin } = condition as Record<string, unknown>
  if ($eq !== undefined) return $eq === 'insert'
  if (Array.isArray($in)) return $in.some((one) => typeof one !== 'string' || one === 'insert')
  return $ne !== 'insert' && !(Array.isArray($nin) && $nin.includes('insert'))
}

function asksForSomething(condition: unknown): boolean {
  if (condition === null) return false
  if (typeof condition !== 'object') return true
  const { $exists, $eq } = condition as Record<string, unknown>
  return $exists === true || ($eq !== undefined && $eq !== null)
}
