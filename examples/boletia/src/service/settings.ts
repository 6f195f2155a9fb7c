import { StreamError } from '@boletia/streams-core'
import type { LogLevel } from '../http/app.js'

export interface Settings {
  readonly uri: string
  readonly host: string
  /** 0: any free port. */
  readonly port: number
  readonly logLevel: LogLevel
}

const logLevels: readonly LogLevel[] = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']

/**
 * What a service is told by its environment. An empty variable counts as none.
 * @throws {StreamError} NO_URI without `MONGODB_URI`, INVALID_OPTIONS for a bad `PORT` or `LOG_LEVEL`.
 */
export function readSettings(name: string, defaultPort: number, env: Readonly<Record<string, string | undefined>>): Settings {
  const uri = env['MONGODB_URI'] || undefined
  if (uri === undefined) {
    throw new StreamError(
      'NO_URI',
      `MONGODB_URI is not set: it says where MongoDB (a replica set) is. Type: MONGODB_URI='mongodb://127.0.0.1:27017/boletia?replicaSet=rs0' npm run ${name}`,
    )
  }
  const port = env['PORT'] || String(defaultPort)
  if (!/^\d{1,5}$/.test(port) || Number(port) > 65_535) {
    throw new StreamError(
      'INVALID_OPTIONS',
      `PORT is ${JSON.stringify(port)}: give a number from 0 (any free port) to 65535, such as PORT=${defaultPort}`,
    )
  }
  const level = env['LOG_LEVEL'] || 'info'
  const logLevel = logLevels.find((known) => known === level)
  if (logLevel === undefined) {
    throw new StreamError('INVALID_OPTIONS', `LOG_LEVEL is ${JSON.stringify(level)}: give one of ${logLevels.join(', ')}`)
  }
  return { uri, host: env['HOST'] || '127.0.0.1', port: Number(port), logLevel }
}
