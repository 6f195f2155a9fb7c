import { pathToFileURL } from 'node:url'
import { StreamError } from '@boletia/streams-core/errors'
import type { Config } from './config.js'
import { placeOfSyntaxError } from './syntaxError.js'

const tenSeconds = 10_000

/**
 * Imports a config file and checks it. TypeScript goes through jiti, which is loaded only then. What has not loaded after `limitMs` never will.
 * @throws {StreamError} CONFIG_INVALID, with the file and what is wrong in it; of a syntax error also where.
 */
export async function loadConfig(file: string, limitMs = tenSeconds): Promise<Config> {
  let exported: unknown
  try {
    exported = await within(limitMs, importDefault(file))
  } catch (error) {
    const place = placeOfSyntaxError(error, file)
    const told = firstLine(error instanceof Error ? error.message : String(error))
    throw new StreamError('CONFIG_INVALID', `${file} does not load: ${told}${place === null ? '' : ` (at ${place})`}`, {
      cause: error,
      details: { why: 'It was imported, and failed before it could export a config.' },
    })
  }
  if (exported === late) throw neverLoads(file, limitMs)
  const { checkConfig } = await import('./check.js')
  return checkConfig(exported, file)
}

async function importDefault(file: string): Promise<unknown> {
  if (!/\.[cm]?ts$/.test(file)) return ((await import(pathToFileURL(file).href)) as { default?: unknown }).default
  const { createJiti } = await import('jiti')
  // Nothing is left on disk: the transformed source would outlive a deploy and hold what the config holds.
  const jiti = createJiti(pathToFileURL(file).href, { fsCache: false, interopDefault: false })
  return (await jiti.import<{ default?: unknown }>(file)).default
}

const late = Symbol('late')

/** The timer also keeps the process alive: Node ends one that waits for nothing but a promise, with exit 13 and without a word. */
async function within(limitMs: number, work: Promise<unknown>): Promise<unknown> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const limit = new Promise<typeof late>((resolve) => (timer = setTimeout(() => resolve(late), limitMs)))
  try {
    return await Promise.race([work, limit])
  } finally {
    clearTimeout(timer)
  }
}

function neverLoads(file: string, limitMs: number): StreamError<'CONFIG_INVALID'> {
  return new StreamError('CONFIG_INVALID', `${file} does not load: it is not done after ${limitMs / 1000} s`, {
    details: {
      why: 'An await at its top level, or of what it imports, or the promise that it exports, does not settle. Let it await nothing that may not come: uri may be a function.',
    },
  })
}

function firstLine(text: string): string {
  return (text.split('\n', 1)[0] ?? text).trim()
}
