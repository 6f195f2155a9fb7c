import type { Document } from 'mongodb'

// https://www.mongodb.com/docs/manual/changeStreams/#modify-change-stream-output
const stages = new Set(['$match', '$project', '$addFields', '$set', '$unset', '$replaceRoot', '$replaceWith', '$redact'])
const scripts = new Set(['$where', '$function', '$accumulator'])

/** What is wrong with a pipeline, as a sentence that names the place; null when it is fine. */
export function pipelineFault(pipeline: readonly Document[]): string | null {
  for (const [index, stage] of pipeline.entries()) {
    const names = isObject(stage) ? Object.keys(stage) : []
    if (names.length !== 1) return `pipeline[${index}] must be an object with exactly one stage`
    const name = names[0]!
    if (!stages.has(name))
      return `pipeline[${index}]: ${name} is not allowed in a change stream (allowed: ${[...stages].join(', ')})`
    const script = findScript(stage)
    if (script !== null) return `pipeline[${index}] uses ${script}: JavaScript on the server is refused`
    if (dropsToken(name, stage[name]))
      return `pipeline[${index}]: ${name} removes _id, the resume token; without it no position can be saved`
  }
  return null
}

function findScript(value: unknown): string | null {
  if (!isObject(value)) return null
  for (const [key, inner] of Object.entries(value)) {
    const found = scripts.has(key) ? key : findScript(inner)
    if (found !== null) return found
  }
  return null
}

function dropsToken(name: string, body: unknown): boolean {
  if (name === '$unset') return [body].flat().includes('_id')
  return name === '$project' && isObject(body) && (body['_id'] === 0 || body['_id'] === false)
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null
