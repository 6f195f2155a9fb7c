import { type Logger, pino } from 'pino'
import { prettyFactory } from 'pino-pretty'
import type { LogLevel } from './config/config.js'
import type { LogSettings } from './logSettings.js'
import type { Terminal } from './output/terminal.js'

/** Logs on stderr, one record a line; every record passes the redactor, with the configured field names. */
export function createLog(terminal: Terminal, { level, format }: LogSettings, configured: LogLevel | undefined): Logger {
  const pretty = (format ?? (terminal.logsPretty ? 'pretty' : 'json')) === 'pretty'
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
