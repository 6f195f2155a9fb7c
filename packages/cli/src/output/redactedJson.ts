import type { Redactor } from './redact.js'

/** Text that has passed the redactor in pieces, and is written as it is. */
export interface RedactedText {
  readonly redacted: string
}

/** The command's own JSON for a text: cleaned as data. The names in the config's `redact` would cut its keys, and an `export` could not be imported. */
export function redactedJson(redactor: Redactor, value: unknown, indent?: number): string {
  return JSON.stringify(redactor.strings(value), null, indent)
}
