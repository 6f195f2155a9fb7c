import type { FailedCommand } from './output/nextActions.js'
import type { RedactedText } from './output/redactedJson.js'
import type { Terminal } from './output/terminal.js'

/** Flags that every command understands. */
export interface Flags {
  readonly config: string | undefined
  readonly uri: string | undefined
  readonly db: string | undefined
}

/** One call of the program, as a command sees it. */
export interface App extends FailedCommand {
  readonly flags: Flags
  readonly env: Readonly<Record<string, string | undefined>>
  readonly cwd: string
  readonly terminal: Terminal
  /** Told on stderr at once, and in the JSON's `warnings`. */
  warn(message: string): void
  /** A pasteable `boletia-streams …` with this call's own config, address and database. */
  again(...args: string[]): string
}

/** What a command hands back; the program prints `data` as JSON or `text`, and ends with `exit`. */
export interface Outcome {
  /** The JSON contract's name: `reset`, `token.decode`. */
  readonly schema: string
  readonly data: unknown
  /** For people, on stdout; empty: nothing is printed. JSON as text is `RedactedText`. */
  readonly text: string | RedactedText
  /** What the process exits with; default 0. A finding (`check`, `doctor`, `wait`) is no failure: its data is asked for. */
  readonly exit?: number
  /** The command has written its records itself: no document follows. */
  readonly streamed?: true
}
