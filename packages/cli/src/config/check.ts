import { StreamError } from '@boletia/streams-core/errors'
import type { $ZodIssue } from 'zod/v4/core'
import { addressForm, addressOf } from '../http/address.js'
import { didYouMean } from '../input/didYouMean.js'
import type { Config } from './config.js'
import { configSchema, isStream, keysAt } from './schema.js'

/**
 * The exported value as a config.
 * @throws {StreamError} CONFIG_INVALID with the path of the first mistake; a misspelt key with the right name.
 */
export function checkConfig(exported: unknown, file: string): Config {
  const fail = (message: string, why: string) => new StreamError('CONFIG_INVALID', `${file}: ${message}`, { details: { why } })
  if (exported === undefined)
    throw fail('it has no default export', 'A config is exported with: export default defineConfig({ streams: [...] })')
  const checked = configSchema.safeParse(exported)
  if (!checked.success) {
    const issue = checked.error.issues[0] as $ZodIssue
    throw fail(...describe(issue, exported))
  }
  const names = new Set<string>()
  for (const [index, { name }] of checked.data.streams.entries()) {
    if (names.has(name))
      throw fail(
        `streams[${index}]: the name ${name} is taken by an earlier stream`,
        'The name is the key of a saved position: two streams would overwrite each other’s.',
      )
    names.add(name)
  }
  const { http } = checked.data
  if (http !== undefined && addressOf(http) === null) throw fail(`http: "${http}" is not an address`, addressForm)
  // What was exported, not zod's copy: streams are frozen and compared by identity.
  return exported as Config
}

function describe(issue: $ZodIssue, exported: unknown): [message: string, why: string] {
  const at = pathText(issue.path)
  if (issue.code === 'unrecognized_keys') {
    const key = issue.keys[0] ?? ''
    const known = keysAt(issue.path)
    const suggestion = didYouMean(key, known)
    const full = pathText([...issue.path, key])
    return [
      `unknown key ${full}${suggestion === null ? '' : `; did you mean ${suggestion}?`}`,
      `Known keys here: ${known.join(', ')}.`,
    ]
  }
  const value = valueAt(exported, issue.path)
  if (issue.path.length === 2 && issue.path[0] === 'streams' && !isStream(value)) {
    return [
      `${at} was not made by defineStream`,
      'Each entry of streams is what defineStream({ name, watch, handle or project, … }) returns.',
    ]
  }
  return [`${at === '' ? 'the default export' : at}: ${lowered(issue.message)}`, `It is ${kindOf(value)} now.`]
}

function pathText(path: readonly PropertyKey[]): string {
  return path.reduce<string>(
    (text, part) => (typeof part === 'number' ? `${text}[${part}]` : text === '' ? String(part) : `${text}.${String(part)}`),
    '',
  )
}

function valueAt(root: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((value, part) => (value as Record<PropertyKey, unknown> | undefined)?.[part], root)
}

/** The kind, never the value: it may be a connection string. */
function kindOf(value: unknown): string {
  if (value === undefined) return 'missing'
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'an array'
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`
}

function lowered(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1)
}
