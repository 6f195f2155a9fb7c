import { valueEnd } from './valueEnd.js'

export const removed = '[redacted]'

/** What takes the values of these fields out of a text, however they were written into it: as JSON, inspected, `name=value`. */
export function withoutValues(names: readonly string[]): (text: string) => string {
  if (names.length === 0) return (text) => text
  const anyName = names.map((name) => name.replace(/[.*+?^${}()|[\]\\/]/g, String.raw`\$&`)).join('|')
  // A part of a field is named with it: direccion.calle, telefonos[1]. MongoDB nests no deeper than a hundred.
  const label = new RegExp(
    String.raw`(?<![\p{L}\p{N}_-])(?:${anyName})(?:\.[\p{L}\p{M}\p{N}_$-]+|\[\d+\]){0,100}(?<quote>\\*["'\x60])?\s*[:=]=*>?\s*`,
    'gu',
  )
  return (text) => {
    let output = ''
    let done = 0
    label.lastIndex = 0
    for (let found = label.exec(text); found !== null; found = label.exec(text)) {
      const start = label.lastIndex
      const end = valueEnd(text, start)
      if (end > start) {
        // JSON stays JSON: without quotes of its own the value takes those of its name.
        const quote = /^\\*["'`]/.exec(text.slice(start, end))?.[0] ?? found.groups?.['quote'] ?? ''
        output += text.slice(done, start) + quote + removed + quote
        done = end
        label.lastIndex = end
      }
    }
    return output + text.slice(done)
  }
}
