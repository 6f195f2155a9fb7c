import { type Logger, pino } from 'pino'
import { prettyFactory } from 'pino-pretty'
import type { LogLevel } from './config/config.js'
import { usage } from './input/usage.js'
import type { Terminal } from './output/terminal.js'

const levels: readonly LogLevel[] = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']
const formats = ['json', 'pretty'] as const
type LogFormat = (typeof formats)[number]

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

/** Logs on stderr, one record a line; every record passes the redactor, with the configured field names. */
export function createLog(terminal: Terminal, { level, format }: LogSettings, configured: LogLevel | undefined): Logger {
  const pretty = ((format as LogFormat | undefined) ?? (terminal.logsPretty ? 'pretty' : 'json')) === 'pretty'
  const prettify = prettyFactory({
    colorize: terminal.style('say', 'dim', '.') !== '.',
    ignore: 'pid,hostname',
    translateTime: 'SYS:HH:MM:ss.l',
    singleLine: true,
  })
  const write = (line: string): void => {
    terminal.record(JSON.parse(line) as object, (record) => (pretty ? prettify(record) : JSON.stringify(record)))
  }
  return pino(
    {
      level: level ?? configured ?? 'info',
      base: { pid: process.pid },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    { write },
  )
}

function check(value: string | undefined, option: string, allowed: readonly string[]): void {
  if (value !== undefined && !allowed.includes(value))
    throw usage(`${option}: "${value}" is none of ${allowed.join(', ')}`, `Write for example ${option} ${allowed[1]}.`)
}
