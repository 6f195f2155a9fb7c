import { inspect } from 'node:util'
import { errorBehind } from '@boletia/streams-core/errors'
import { type Logger, pino } from 'pino'
import { prettyFactory } from 'pino-pretty'
import type { LogLevel } from './config/config.js'
import type { LogSettings } from './logSettings.js'
import { stackOf } from './output/errorReport.js'
import type { Terminal } from './output/terminal.js'

/**
 * Logs on stderr, one record a line; every record passes the redactor, with the configured field names. That is why a handler's error may have its
 * message here, which the library does not write.
 */
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
  const least = level ?? configured ?? 'info'
  const withStack = terminal.verbose || least === 'debug' || least === 'trace'
  return pino(
    {
      level: least,
      base: { pid: process.pid },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }), log: (facts) => ({ ...facts, ...told(facts, withStack) }) },
    },
    { write },
  )
}

function told(facts: object, withStack: boolean): object {
  const error = errorBehind(facts)
  return error === undefined
    ? {}
    : { message: error instanceof Error ? error.message : inspect(error), ...(withStack && { stack: stackOf(error) }) }
}
