import { styleText } from 'node:util'

/** The demo's own output: nothing else is written to stdout. */
export interface Tell {
  (line?: string): void
  /** The first half of a line: what is asked; the other half comes when its effects are there. */
  asked(text: string): void
  /** Ends a half line, if there is one, before something else is written. */
  broken(): void
  good(text: string): string
  bad(text: string): string
  title(text: string): string
}

/** Colour only on a terminal, and not with NO_COLOR or a dumb one (https://no-color.org). */
export function teller(output: NodeJS.WriteStream, env: NodeJS.ProcessEnv): Tell {
  const coloured = output.isTTY && !env['NO_COLOR'] && env['TERM'] !== 'dumb'
  const style = (format: Parameters<typeof styleText>[0]) => (text: string) => (coloured ? styleText(format, text) : text)
  let half = false
  const line = (text = '') => {
    half = false
    output.write(`${text}\n`)
  }
  return Object.assign(line, {
    asked(text: string) {
      half = true
      output.write(text)
    },
    broken() {
      if (half) line()
    },
    good: style(['green', 'bold']),
    bad: style(['red', 'bold']),
    title: style('bold'),
  })
}
