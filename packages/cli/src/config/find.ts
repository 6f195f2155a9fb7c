import type { App } from '../app.js'
import type { Config } from './config.js'
import { discoverConfig, noConfig } from './discover.js'
import { loadConfig } from './load.js'

/** The config and its file, loaded and checked; MongoDB is not met. @throws {StreamError} CONFIG_NOT_FOUND, CONFIG_INVALID */
export async function findConfig({
  flags,
  env,
  cwd,
  terminal,
}: App): Promise<{ readonly file: string; readonly config: Config }> {
  const file = discoverConfig({ flag: flags.config, env, cwd })
  if (file === null) throw noConfig(cwd)
  const config = await loadConfig(file)
  terminal.redactor.hideFields(config.redact ?? [])
  return { file, config }
}
