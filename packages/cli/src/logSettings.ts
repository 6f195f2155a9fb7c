import type { LogLevel } from './config/config.js'
import { usage } from './input/usage.js'

const levels: readonly LogLevel[] = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']
const formats = ['json', 'pretty']

export interface LogSettings {
  /** `--log-level`, else `LOG_LEVEL`, else the config's, else info. */
  readonly level: string | undefined
  /** `--log-format`; default pretty on a terminal, else json. */
  readonly format: string | undefined
}

/** Both settings checked. @throws {StreamError} USAGE */
export function logSettings({ level, format }: LogSettings, env: Readonly<Record<string, string | undefined>>): LogSettings {
  check(level, '--log-level', levels)
  check(level === undefined ? env['LOG_LEVEL'] || undefined : undefined, 'LOG_LEVEL', levels)
  check(format, '--log-format', formats)
  return { level: level ?? (env['LOG_LEVEL'] || undefined), format }
}

function check(value: string | undefined, option: string, allowed: readonly string[]): void {
  if (value !== undefined && !allowed.includes(value))
    throw usage(`${option}: "${value}" is none of ${allowed.join(', ')}`, `Write for example ${option} ${allowed[1]}.`)
}
