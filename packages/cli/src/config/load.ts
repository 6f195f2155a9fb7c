import { pathToFileURL } from 'node:url'
import { StreamError } from '@boletia/streams-core/errors'
import type { Config } from './config.js'

/**
 * Imports a config file and checks it. TypeScript goes through jiti, which is loaded only then.
 * @throws {StreamError} CONFIG_INVALID, with the file and what is wrong in it.
 */
export async function loadConfig(file: string): Promise<Config> {
  let exported: unknown
  try {
    exported = await importDefault(file)
  } catch (error) {
    const told = error instanceof Error ? error.message : String(error)
    throw new StreamError('CONFIG_INVALID', `${file} does not load: ${firstLine(told)}`, {
      cause: error,
      details: { why: 'It was imported, and failed before it could export a config.' },
    })
  }
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

function firstLine(text: string): string {
  return text.split('\n', 1)[0] ?? text
}
