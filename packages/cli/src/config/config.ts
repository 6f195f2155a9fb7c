import type { Stream } from '@boletia/streams-core'
import type { MongoClientOptions } from 'mongodb'

/** What a `boletia-streams.config.{ts,mts,js,mjs}` exports by default. */
export interface Config {
  /** Connection string, or a function that returns it. `--uri`, `MONGODB_URI` and `MONGODB_URI_FILE` come first. */
  readonly uri?: string | (() => string)
  /** Database of namespaces that name none, and of the positions. */
  readonly database?: string
  /** Where positions are kept. Default: collection `stream` of `database`, on the default connection. */
  readonly state?: { readonly uri?: string | (() => string); readonly database?: string; readonly collection?: string }
  /** Clusters by name, for `watch.connection` and `targets.*.connection`; `default` may hold the default connection's driver options. */
  readonly connections?: Readonly<Record<string, ConnectionConfig>>
  /** Each made by `defineStream`. */
  readonly streams: readonly Stream<never>[]
  /** Names of document fields with personal data: their values never appear in any output. */
  readonly redact?: readonly string[]
  readonly log?: { readonly level?: LogLevel }
  /** `[host]:port` of `run`, for health, metrics and a page; `--http` comes first. */
  readonly http?: string
}

export interface ConnectionConfig {
  readonly uri?: string | (() => string)
  readonly options?: MongoClientOptions
}

export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'silent'

/** Returns the config as it is: only there so that an editor completes and checks it. */
export function defineConfig(config: Config): Config {
  return config
}
