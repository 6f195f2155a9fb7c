/** One record: facts with a message, or a message alone. */
export interface LogMethod {
  (facts: object, message?: string): void
  (message: string): void
}

/**
 * What the library and its handlers log to. A logger of pino's is one, and so is anything of its shape:
 * the library needs neither pino nor its types to be installed.
 */
export interface Log {
  readonly trace: LogMethod
  readonly debug: LogMethod
  readonly info: LogMethod
  readonly warn: LogMethod
  readonly error: LogMethod
  readonly fatal: LogMethod
  /** The same log, with these facts in every record. */
  child(facts: Record<string, unknown>): Log
}
