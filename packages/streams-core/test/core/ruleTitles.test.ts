import { readFileSync, readdirSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'

const root = path.join(import.meta.dirname, '../../../..')
const titled = (text: string) => [...text.matchAll(/\b(?:test|it)\(\s*['"`]rule (\d+): /g)].map(([, rule]) => Number(rule))

function testFiles(folder: string): string[] {
  const entries = readdirSync(path.join(root, folder), { recursive: true, withFileTypes: true })
  return entries
    .filter((entry) => entry.isFile() && entry.name.endsWith('.test.ts') && entry.name !== path.basename(import.meta.filename))
    .map(({ parentPath, name }) => path.join(parentPath, name))
}

test('each rule of positions, ownership, commits, projections and lanes (1–20, 22–25, 32) has a test that is named after it', () => {
  const files = ['packages/streams-core/test', 'guarantees'].flatMap(testFiles)
  const rules = new Set(files.flatMap((file) => titled(readFileSync(file, 'utf8'))))
  const wanted = [...Array.from({ length: 25 }, (_, i) => i + 1).filter((rule) => rule !== 21), 32]
  expect(wanted.filter((rule) => !rules.has(rule))).toEqual([])
})

test('a rule without a test is noticed', () => {
  expect(titled(`test('rule 7: the epoch never falls', …)\ntest(\n  'rule 12: …'`)).toEqual([7, 12])
  expect(titled(`test('rule 9, the naive version: …'`)).toEqual([])
})
