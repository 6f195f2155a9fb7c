import { styleText } from 'node:util'
import type { Redactor } from './redact.js'
import type { RedactedText } from './redactedJson.js'
import { writeOut } from './standardOutput.js'

export type Style = 'bold' | 'dim' | 'red' | 'yellow' | 'green' | 'cyan'

/** Where output goes and what it may look like. Everything written passes the redactor. */
export interface Terminal {
  readonly redactor: Redactor
  /** One JSON document instead of text. */
  readonly json: boolean
  readonly verbose: boolean
  /** The last thing on stdout is the call's JSON document, also after an error: with `--json`, and behind `run --output jsonl`'s records. */
  readonly endsWithDocument: boolean
  endWithDocument(): void
  /** Somebody sits there: questions may be asked. */
  readonly interactive: boolean
  /** stderr may be drawn over (a progress bar). */
  readonly animated: boolean
  readonly logsPretty: boolean
  /** stdout: the data that was asked for. */
  data(text: string | RedactedText): void
  /** stdout: the one document of `--json`, or a record on its line. `say`: on stderr, where stdout is gone. */
  document(value: unknown, to?: 'data' | 'say'): void
  /** stderr: one log record on its line; `render` gets it redacted, field by field, and what it returns is written as it is. */
  record(record: object, render: (redacted: object) => string): void
  /** stderr: everything else. */
  say(text: string): void
  /** stderr, where it is `animated`: a line that the next one replaces, and that whatever else is written takes away. Null: away with it. */
  progress(text: string | null): void
  /** For text that goes to `data` or `say`. */
  style(to: 'data' | 'say', style: Style | readonly Style[], text: string): string
}

export interface TerminalOptions {
  readonly json: boolean
  readonly verbose: boolean
  readonly redactor: Redactor
}

export function createTerminal({ json, verbose, redactor }: TerminalOptions): Terminal {
  const { env, stdin, stdout, stderr } = process
  const dumb = env['TERM'] === 'dumb'
  const ci = isSet(env['CI'])
  const colours = (stream: { isTTY?: boolean }) => {
    if (isSet(env['NO_COLOR'])) return false
    if (env['FORCE_COLOR'] !== undefined) return isSet(env['FORCE_COLOR'])
    return stream.isTTY === true && !dumb && !ci
  }
  const colour = { data: colours(stdout) && !json, say: colours(stderr) }
  let endsWithDocument = json
  let drawn = false
  const cleared = () => {
    if (drawn) stderr.write('\r\u001b[K')
    drawn = false
  }
  const animated = stderr.isTTY && !dumb && !ci && !json
  return {
    redactor,
    json,
    verbose,
    get endsWithDocument() {
      return endsWithDocument
    },
    endWithDocument: () => void (endsWithDocument = true),
    interactive: stdin.isTTY && stderr.isTTY && !json && !ci,
    animated,
    logsPretty: stderr.isTTY,
    data(text) {
      cleared()
      writeOut(ended(typeof text === 'string' ? redactor.text(text) : text.redacted))
    },
    document(value, to = 'data') {
      cleared()
      const line = ended(JSON.stringify(redactor.strings(value)))
      if (to === 'data') writeOut(line)
      else stderr.write(line)
    },
    record(record, render) {
      cleared()
      stderr.write(ended(render(redactor.document(record))))
    },
    say(text) {
      cleared()
      stderr.write(ended(redactor.text(text)))
    },
    progress(text) {
      if (text === null || !animated) return cleared()
      stderr.write(`\r${redactor.text(text)}\u001b[K`)
      drawn = true
    },
    style: (to, style, text) => (colour[to] ? styleText(style as Style[], text, { validateStream: false }) : text),
  }
}

function isSet(value: string | undefined): boolean {
  return value !== undefined && value !== '' && value !== '0' && value !== 'false'
}

function ended(text: string): string {
  return text.endsWith('\n') ? text : `${text}\n`
}
