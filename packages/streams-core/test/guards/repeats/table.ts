import { readFileSync } from 'node:fs'

export interface Claim {
  readonly row: string
  readonly repeat: string
  readonly enough: boolean
  /** Where a "no" points to: its counter-example. */
  readonly anchor: string | null
}

export const page = readFileSync(new URL('../../../../../docs/idempotency.md', import.meta.url), 'utf8')
const plain = (cell: string) => cell.replaceAll(/[`*]/g, '').trim()
const cells = (line: string) => line.split('|').slice(1, -1)

/** The table of docs/idempotency.md, cell by cell: what the tests have to prove. */
export function claims(): Claim[] {
  const lines = page.split('\n')
  const head = lines.findIndex((line) => /^\| guard +\| crash /.test(line))
  const repeats = cells(lines[head] ?? '').map(plain)
  const rows = lines.slice(head + 2)
  return rows.slice(0, rows.indexOf('')).flatMap((line) => {
    const [row, ...given] = cells(line)
    return given.map((cell, column) => {
      const found = /^(yes$|\[no\]\(#([\w-]+)\)$)/.exec(plain(cell))
      if (found === null) throw new Error(`docs/idempotency.md: a cell is neither yes nor [no](#…): ${cell}`)
      return { row: plain(row!), repeat: repeats[column + 1]!, enough: found[0] === 'yes', anchor: found[2] ?? null }
    })
  })
}

/** Anchors as GitHub makes them of headings. */
export const anchors = page
  .split('\n')
  .filter((line) => line.startsWith('#'))
  .map((line) =>
    line
      .replace(/^#+ /, '')
      .toLowerCase()
      .replaceAll(/[^\w\- ]/g, '')
      .replaceAll(' ', '-'),
  )
