import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect } from 'vitest'
import { fixtures } from './program.js'

const folder = fileURLToPath(new URL('golden', import.meta.url))

/**
 * Compares an output of the real program with the recorded one; what differs from run to run is masked, unless `mask` is another.
 * `UPDATE_GOLDEN=1 npx vitest run packages/cli` records them anew: read the difference before you commit it.
 */
export function expectGolden(name: string, output: string, mask = masked): void {
  const file = path.join(folder, name)
  const text = mask(output)
  if (process.env['UPDATE_GOLDEN'] === '1') {
    mkdirSync(path.dirname(file), { recursive: true })
    writeFileSync(file, text)
  }
  expect(text, `${name}; to record it anew: UPDATE_GOLDEN=1`).toBe(readFileSync(file, 'utf8'))
}

export function masked(output: string): string {
  return (
    output
      .replaceAll(fixtures, '<fixtures>')
      .replace(/mongodb:\/\/[^\s'"]+/g, (uri) => (uri.includes('<') || uri.includes('***') ? uri : '<uri>'))
      .replaceAll(hostname(), '<host>')
      .replaceAll(`@${hostname().split('.')[0]}`, '@<host>')
      .replace(/(pid |"pid":)\d+/g, '$1<pid>')
      .replace(/<host>\/\d+\/[0-9a-f]{6}/g, '<owner>')
      .replace(/\S+@<host>(?=\s)/g, '<operator>')
      .replace(/"by":"[^"]+"/g, '"by":"<operator>"')
      .replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/g, '<time>')
      .replace(/\b82[0-9A-F]{6}…[0-9A-F]{4}/g, '<token>')
      .replace(/\b82[0-9A-F]{20,}\b/g, '<token>')
      .replace(/\b[0-9a-f]{32}\b/g, '<uuid>')
      .replace(/\b[0-9a-f]{16}\b/g, '<hash>')
      // Distances and windows depend on the moment; so does the padding of the columns that they widen.
      .replace(/(REWIND|SKIP) [\d\w ]+:/g, '$1 <duration>:')
      .replace(/(?<![-\w])\d+(ms|[dhms])( \d+[hms])?(?=\)| {2,}| until|\n|$)/g, '<duration>')
      .replace(/"(lagMs|stuckMs|headroomMs)":\d+/g, '"$1":<ms>')
      .replace(/"increment":\d+/g, '"increment":<n>')
      .replace(/^(order {2,})\d+/gm, '$1<n>')
      .replace(/\(Node [\d.]+\)|"node":"[\d.]+"/g, '<node>')
      // A long duration leaves two spaces to the next column.
      .replace(/(?<=<duration>|<time>) {2,}/g, '   ')
      .replace(/ {3,}/g, '   ')
  )
}
