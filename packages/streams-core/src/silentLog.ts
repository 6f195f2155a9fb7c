import type { Logger } from 'pino'

const nothing = () => undefined

/** The library never logs by itself: without a log it is given this one. */
export const silentLog = Object.freeze({
  level: 'silent',
  trace: nothing,
  debug: nothing,
  info: nothing,
  warn: nothing,
  error: nothing,
  fatal: nothing,
  silent: nothing,
  child: () => silentLog,
}) as unknown as Logger
