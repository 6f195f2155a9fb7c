import type { Log } from './log.js'

const nothing = () => undefined

/** The library never logs by itself: without a log it is given this one. */
export const silentLog: Log = Object.freeze({
  trace: nothing,
  debug: nothing,
  info: nothing,
  warn: nothing,
  error: nothing,
  fatal: nothing,
  child: () => silentLog,
})
