import type { Stream } from '@boletia/streams-core'
import { z } from 'zod'

const uri = z.union([z.string(), z.custom<() => string>((value) => typeof value === 'function')], {
  error: 'must be a connection string or a function that returns one',
})
const text = z.string({ error: 'must be a string' }).min(1, 'must not be empty')
const levels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const

const state = z.strictObject(
  { uri: uri.optional(), database: text.optional(), collection: text.optional() },
  { error: strictError },
)
const connection = z.strictObject(
  {
    uri: uri.optional(),
    options: z.record(z.string(), z.unknown(), { error: 'must be an object of driver options' }).optional(),
  },
  { error: strictError },
)
const log = z.strictObject(
  { level: z.enum(levels, { error: `must be one of ${levels.join(', ')}` }).optional() },
  { error: strictError },
)

export const configSchema = z.strictObject(
  {
    uri: uri.optional(),
    database: text.optional(),
    state: state.optional(),
    connections: z.record(z.string(), connection, { error: 'must be an object of connections by name' }).optional(),
    streams: z.array(z.custom<Stream>(isStream), { error: 'must be an array of streams' }),
    redact: z.array(text, { error: 'must be an array of field names' }).optional(),
    log: log.optional(),
    http: text.optional(),
  },
  { error: strictError },
)

/** By structure: a config may have got its defineStream from another copy of the library. */
export function isStream(value: unknown): value is Stream {
  if (typeof value !== 'object' || value === null) return false
  const { name, work, pipeline, watch } = value as Partial<Stream>
  return (
    typeof name === 'string' &&
    Array.isArray(pipeline) &&
    typeof watch === 'object' &&
    (work?.kind === 'handle' || work?.kind === 'project') &&
    typeof work.run === 'function'
  )
}

/** The keys that may stand at a path of the config. */
export function keysAt(path: readonly PropertyKey[]): string[] {
  const objects: Record<string, { shape: object }> = { '': configSchema, state, log, connections: connection }
  return Object.keys(objects[String(path[0] ?? '')]?.shape ?? {})
}

// zod asks the same function for unknown keys: those keep zod's own issue, whose keys are read.
function strictError(issue: { code?: string }): string | undefined {
  return issue.code === 'unrecognized_keys' ? undefined : 'must be an object'
}
