import { existsSync } from 'node:fs'
import path from 'node:path'
import { StreamError } from '@boletia/streams-core/errors'

/** What a config may be called. */
export const configNames = ['ts', 'mts', 'js', 'mjs'].map((ending) => `boletia-streams.config.${ending}`)

export interface DiscoverOptions {
  /** `--config` */
  readonly flag: string | undefined
  readonly env: Readonly<Record<string, string | undefined>>
  readonly cwd: string
}

/**
 * The config file's absolute path: the flag's, else `BOLETIA_STREAMS_CONFIG`'s, else the nearest one upwards to the
 * repository's root (the folder with `.git`); null when there is none.
 * @throws {StreamError} CONFIG_NOT_FOUND when a named file does not exist.
 */
export function discoverConfig({ flag, env, cwd }: DiscoverOptions): string | null {
  const named = flag ?? (env['BOLETIA_STREAMS_CONFIG'] || undefined)
  if (named !== undefined) {
    const file = path.resolve(cwd, named)
    if (existsSync(file)) return file
    throw new StreamError('CONFIG_NOT_FOUND', `the config file ${file} does not exist`, {
      details: { why: `${flag === undefined ? 'BOLETIA_STREAMS_CONFIG' : '--config'} names it.` },
    })
  }
  for (let folder = path.resolve(cwd); ; folder = path.dirname(folder)) {
    const found = configNames.map((name) => path.join(folder, name)).find((file) => existsSync(file))
    if (found !== undefined) return found
    if (existsSync(path.join(folder, '.git')) || folder === path.dirname(folder)) return null
  }
}

export function noConfig(cwd: string): StreamError<'CONFIG_NOT_FOUND'> {
  return new StreamError('CONFIG_NOT_FOUND', `no boletia-streams.config.{ts,mts,js,mjs} in ${cwd} or above it`, {
    details: {
      why: 'This command needs the streams as they are defined, which a config imports; it was looked for up to the repository’s root.',
    },
  })
}
