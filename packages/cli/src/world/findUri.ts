import { readFileSync } from 'node:fs'
import { StreamError } from '@boletia/streams-core/errors'
import type { Config } from '../config/config.js'

export interface FoundUri {
  readonly uri: string
  /** Where it comes from, for messages. */
  readonly source: string
}

export interface UriSources {
  /** `--uri` */
  readonly flag: string | undefined
  readonly env: Readonly<Record<string, string | undefined>>
  readonly config: Config | null
}

/**
 * The default connection's URI: `--uri`, else `MONGODB_URI`, else the file that `MONGODB_URI_FILE` names, else the config's.
 * @throws {StreamError} NO_URI; CONFIG_INVALID when the config's function fails.
 */
export function findUri({ flag, env, config }: UriSources): FoundUri {
  if (flag !== undefined) return { uri: flag, source: '--uri' }
  if (env['MONGODB_URI']) return { uri: env['MONGODB_URI'], source: 'MONGODB_URI' }
  if (env['MONGODB_URI_FILE']) return { uri: fileContent(env['MONGODB_URI_FILE']), source: 'MONGODB_URI_FILE' }
  const configured = config?.uri ?? config?.connections?.['default']?.uri
  if (configured !== undefined) return { uri: uriValue(configured, 'uri'), source: 'the config’s uri' }
  throw new StreamError('NO_URI', 'nothing says where MongoDB is', {
    details: { why: 'Neither --uri nor MONGODB_URI nor MONGODB_URI_FILE is set, and no config names a uri.' },
  })
}

/** A URI of the config, called when it is a function. @throws {StreamError} CONFIG_INVALID */
export function uriValue(configured: string | (() => string), where: string): string {
  if (typeof configured === 'string') return configured
  let value: unknown
  try {
    value = configured()
  } catch (error) {
    throw new StreamError('CONFIG_INVALID', `the config’s function ${where} failed`, { cause: error })
  }
  if (typeof value === 'string' && value !== '') return value
  throw new StreamError('CONFIG_INVALID', `the config’s function ${where} returned no connection string`, {
    details: {
      why: `It returned ${value === '' ? 'an empty text' : value === null ? 'null' : `a value of type ${typeof value}`}.`,
    },
  })
}

function fileContent(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim()
  } catch (error) {
    throw new StreamError('NO_URI', `the file that MONGODB_URI_FILE names cannot be read: ${file}`, { cause: error })
  }
}
