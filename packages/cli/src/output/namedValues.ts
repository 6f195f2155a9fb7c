import { bracketEnd, valueEnd } from './valueEnd.js'

export const removed = '[redacted]'

/** What takes the values of these fields out of a text, however they were written into it: as JSON, inspected, `name=value`. */
export function withoutValues(names: readonly string[]): (text: string) => string {
  const anyName = names.map((name) => name.replace(/[.*+?^${}()|[\]\\/]/g, String.raw`\$&`)).join('|')
  // A part of a field is named with it: direccion.calle, telefonos[1]. MongoDB nests no deeper than a hundred.
  const label = new RegExp(
    String.raw`(?<![\p{L}\p{N}_-])(?:${anyName})(?:\.[\p{L}\p{M}\p{N}_$-]+|\[\d+\]){0,100}(?<quote>\\*["'\x60])?\s*[:=]=*>?\s*`,
    'gu',
  )
  return (text) =>
    replaceAfter(label, text, valueEnd, (value, quoteOfName) => {
      // JSON stays JSON: without quotes of its own the value takes those of its name.
      const quote = /^\\*["'`]/.exec(value)?.[0] ?? quoteOfName
      return quote + removed + quote
    })
}

/** Takes the values out of the server's duplicate-key message. */
export function withoutDuplicateKey(text: string): string {
  return replaceAfter(/dup key: (?=\{)/g, text, bracketEnd, () => `{ ${removed} }`)
}

function replaceAfter(
  label: RegExp,
  text: string,
  endOf: (text: string, start: number) => number,
  instead: (value: string, quote: string) => string,
): string {
  let output = ''
  let done = 0
  label.lastIndex = 0
  for (let found = label.exec(text); found !== null; found = label.exec(text)) {
    const start = label.lastIndex
    const end = endOf(text, start)
    if (end === start) continue
    output += text.slice(done, start) + instead(text.slice(start, end), found.groups?.['quote'] ?? '')
    done = end
    label.lastIndex = end
  }
  return output + text.slice(done)
}
