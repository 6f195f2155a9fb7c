import { readFileSync } from 'node:fs'

/** docs/model.md in one line a row, without what the formatter adds. */
const lines = readFileSync(new URL('../../../../docs/model.md', import.meta.url), 'utf8')
  .split('\n')
  .map((line) => cells(line).join(' | '))

function cells(line: string): readonly string[] {
  if (!line.startsWith('|')) return [line]
  return line
    .split('|')
    .slice(1, -1)
    .map((cell) => cell.trim())
}

/** The rows of the table that stands under a heading, without its head. */
export function tableUnder(heading: string): readonly string[] {
  const start = lines.indexOf(heading)
  if (start === -1) throw new Error(`docs/model.md has no heading “${heading}”`)
  const rest = lines.slice(start + 1)
  const end = rest.findIndex((line) => line.startsWith('#'))
  return (end === -1 ? rest : rest.slice(0, end)).filter((line) => line.includes(' | ')).slice(2)
}

export const documented = lines.join('\n')
